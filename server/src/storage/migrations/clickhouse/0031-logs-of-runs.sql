-- Logs of one run lie together and are few among many, so a filter per granule finds them: without it every question about an
-- evaluation reads the column of the whole workspace. Parts written before get theirs in the background.
ALTER TABLE logs {on_cluster} ADD INDEX IF NOT EXISTS by_run run_id TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE logs {on_cluster} MATERIALIZE INDEX by_run;
