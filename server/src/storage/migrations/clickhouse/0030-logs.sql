-- One row per version of a log; the newest row_version of (workspace_id, at, id) counts, and `deleted` makes it a
-- tombstone. `at` is fixed by the first write. List columns first, then the payload, which only detail reads touch.
CREATE TABLE IF NOT EXISTS logs {on_cluster} (
  workspace_id LowCardinality(String),
  id String,
  at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  row_version UInt32,
  deleted UInt8,
  received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  kind LowCardinality(String),
  file_id LowCardinality(String),
  version_id LowCardinality(String),
  content_hash LowCardinality(String),
  environment_id LowCardinality(String),
  origin LowCardinality(String),
  status LowCardinality(String),
  log_status LowCardinality(String),
  late UInt8,
  parent_id String,
  trace_id String,
  run_id LowCardinality(String),
  datapoint_id String,
  key_id LowCardinality(String),
  experiment_id LowCardinality(String),
  arm_id LowCardinality(String),
  counterfactual_of String,
  start_time Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
  end_time Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
  model LowCardinality(String),
  provider LowCardinality(String),
  prompt_tokens Nullable(UInt32),
  output_tokens Nullable(UInt32),
  reasoning_tokens Nullable(UInt32),
  cached_tokens Nullable(UInt32),
  prompt_cost Nullable(Float64),
  output_cost Nullable(Float64),
  cost_usd Nullable(Float64),
  estimated UInt8,
  finish_reason LowCardinality(String),
  latency_ms Nullable(Float64),
  first_token_ms Nullable(Float64),
  end_user String,
  session String,
  unit String,
  reference_id String,
  source LowCardinality(String),
  metadata Map(String, String),
  metadata_json String,
  input_preview String,
  output_preview String,
  keep UInt8,
  text_repaired UInt8,
  blob_hashes Array(String),
  inputs String,
  messages String,
  output Nullable(String),
  output_message String,
  output_said UInt8,
  tool_choice String,
  error Nullable(String),
  stdout Nullable(String),
  provider_request String,
  provider_response String,
  blobs String,
  search_text String,
  INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_counterfactual counterfactual_of TYPE bloom_filter(0.01) GRANULARITY 4,
  INDEX by_user end_user TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_session session TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_reference reference_id TYPE bloom_filter(0.01) GRANULARITY 4
) ENGINE = {engine:ReplacingMergeTree(row_version)}
PARTITION BY toYYYYMM(at)
ORDER BY (workspace_id, at, id)
SETTINGS index_granularity_bytes = 1048576, non_replicated_deduplication_window = 1000,
  fsync_after_insert = 1, fsync_part_directory = 1;

-- Where in `logs` or `judgments` a row is whose id does not say so. The earliest entry counts.
CREATE TABLE IF NOT EXISTS log_keys {on_cluster} (
  workspace_id LowCardinality(String),
  id String,
  at DateTime64(6, 'UTC')
) ENGINE = {engine:MergeTree()}
ORDER BY (workspace_id, id)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 1000,
  fsync_after_insert = 1, fsync_part_directory = 1;

-- What an evaluator said of a log: code, a model, a reviewer or an end user. Columns `log_*` are copied from the log.
CREATE TABLE IF NOT EXISTS judgments {on_cluster} (
  workspace_id LowCardinality(String),
  id String,
  at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  row_version UInt32,
  deleted UInt8,
  received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  evaluator_id LowCardinality(String),
  evaluator_version_id LowCardinality(String),
  log_id String,
  source LowCardinality(String),
  judge String,
  value_type LowCardinality(String),
  value_boolean Nullable(UInt8),
  value_number Nullable(Float64),
  value_labels Array(String),
  value_text String,
  reason String,
  error String,
  start_time Nullable(DateTime64(6, 'UTC')),
  end_time Nullable(DateTime64(6, 'UTC')),
  metadata_json String,
  stdout String,
  origin LowCardinality(String),
  key_id LowCardinality(String),
  log_at Nullable(DateTime64(6, 'UTC')),
  log_kind LowCardinality(String),
  log_file_id LowCardinality(String),
  log_version_id LowCardinality(String),
  log_environment_id LowCardinality(String),
  log_unit String,
  log_user String,
  log_experiment_id LowCardinality(String),
  log_arm_id LowCardinality(String),
  INDEX by_log log_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = {engine:ReplacingMergeTree(row_version)}
PARTITION BY toYYYYMM(at)
ORDER BY (workspace_id, at, id)
SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 1000,
  fsync_after_insert = 1, fsync_part_directory = 1;

-- What was deleted by a property and not by id; applied again for rows that were still on their way.
CREATE TABLE IF NOT EXISTS log_erasures {on_cluster} (
  workspace_id String,
  kind LowCardinality(String),
  name String,
  requested_at DateTime64(6, 'UTC')
) ENGINE = {engine:MergeTree()}
ORDER BY (workspace_id, requested_at)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
