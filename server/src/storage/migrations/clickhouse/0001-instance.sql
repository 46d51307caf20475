-- Lets the log store tell which installation it belongs to.
CREATE TABLE IF NOT EXISTS instance {on_cluster} (
  name String,
  value String,
  at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = {engine:ReplacingMergeTree(at)} ORDER BY name
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
