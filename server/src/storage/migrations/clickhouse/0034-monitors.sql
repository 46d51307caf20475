-- When the store got the row: monitors read logs in this order, so that one which comes late or says that it is old is seen too.
-- Rows from before say 1970.
ALTER TABLE logs {on_cluster} ADD COLUMN IF NOT EXISTS stored_at DateTime64(6, 'UTC') DEFAULT toDateTime64(0, 6, 'UTC') CODEC(Delta, ZSTD(1));
ALTER TABLE logs {on_cluster} ADD INDEX IF NOT EXISTS by_stored stored_at TYPE minmax GRANULARITY 1;
ALTER TABLE logs {on_cluster} MATERIALIZE INDEX by_stored;
-- Which monitor judged, and the session of the judged log: users and sessions are the units of a chart's interval.
ALTER TABLE judgments {on_cluster} ADD COLUMN IF NOT EXISTS monitor_id LowCardinality(String);
ALTER TABLE judgments {on_cluster} ADD COLUMN IF NOT EXISTS log_session String;
ALTER TABLE judgments {on_cluster} ADD INDEX IF NOT EXISTS by_monitor monitor_id TYPE bloom_filter(0.01) GRANULARITY 1;
