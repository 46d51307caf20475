-- When a unit of an experiment was first given an arm, by the clock of the server. Kept by the views below, so that the units whose
-- window has closed are found without reading logs. The same row may come again: the smallest moment counts.
CREATE TABLE IF NOT EXISTS experiment_units {on_cluster} (
  workspace_id LowCardinality(String),
  experiment_id LowCardinality(String),
  unit String,
  arm_id LowCardinality(String),
  first_at SimpleAggregateFunction(min, DateTime64(6, 'UTC'))
) ENGINE = {engine:AggregatingMergeTree()}
ORDER BY (workspace_id, experiment_id, unit, arm_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
CREATE MATERIALIZED VIEW IF NOT EXISTS experiment_units_of_logs {on_cluster} TO experiment_units AS
SELECT workspace_id, experiment_id, unit, arm_id, received_at AS first_at FROM logs
WHERE experiment_id != '' AND unit != '' AND arm_id != '' AND deleted = 0 AND NOT startsWith(arm_id, '~');
CREATE MATERIALIZED VIEW IF NOT EXISTS experiment_units_of_exposures {on_cluster} TO experiment_units AS
SELECT workspace_id, experiment_id, unit, arm_id, received_at AS first_at FROM exposures
WHERE unit != '' AND arm_id != '' AND NOT startsWith(arm_id, '~');

-- What a unit's window held when it closed, one number a metric in the order of the experiment's metrics. Never changed: of two
-- rows of a unit the one that was settled first has precedence. `unit_key` is a hash, so that nobody is named here.
CREATE TABLE IF NOT EXISTS experiment_outcomes {on_cluster} (
  workspace_id LowCardinality(String),
  experiment_id LowCardinality(String),
  unit_key String,
  arm_id LowCardinality(String),
  epoch UInt32,
  first_at DateTime64(6, 'UTC'),
  matured_at DateTime64(6, 'UTC'),
  settled_at DateTime64(6, 'UTC'),
  precedence UInt64,
  -- Why the unit is not in the analysis: it was moved to another arm, or its arm was stopped before its window closed.
  left_out LowCardinality(String),
  logs UInt32,
  outcomes Array(Nullable(Float64)),
  -- The same metrics before the first exposure.
  before Array(Nullable(Float64)),
  -- Evaluators of the metrics that the unit has a judgment of, by their place in the experiment's list.
  answered Array(UInt16)
) ENGINE = {engine:ReplacingMergeTree(precedence)}
ORDER BY (workspace_id, experiment_id, unit_key)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
