-- Units that were given an arm without a call through the server: they asked for the version. `received_at` is the server's
-- clock. The same unit may stand here again: the first counts.
CREATE TABLE IF NOT EXISTS exposures {on_cluster} (
  workspace_id LowCardinality(String),
  experiment_id LowCardinality(String),
  unit String,
  arm_id LowCardinality(String),
  epoch UInt32,
  at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  source LowCardinality(String),
  log_id String
) ENGINE = {engine:MergeTree()}
PARTITION BY toYYYYMM(received_at)
ORDER BY (workspace_id, experiment_id, received_at)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
