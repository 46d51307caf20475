-- When the judge said it: a judgment of feedback stands at the moment of its log (`at`). Of several by one judge the one said last counts.
ALTER TABLE judgments {on_cluster} ADD COLUMN IF NOT EXISTS said_at DateTime64(6, 'UTC') DEFAULT at CODEC(Delta, ZSTD(1));
-- How a correction differs from the answer: the amount edited and the share kept, from 0 to 1, the kind of edit, characters.
ALTER TABLE judgments {on_cluster} ADD COLUMN IF NOT EXISTS edited Nullable(Float64);
ALTER TABLE judgments {on_cluster} ADD COLUMN IF NOT EXISTS kept Nullable(Float64);
ALTER TABLE judgments {on_cluster} ADD COLUMN IF NOT EXISTS edit_kind LowCardinality(String);
ALTER TABLE judgments {on_cluster} ADD COLUMN IF NOT EXISTS edit_inserted UInt32;
ALTER TABLE judgments {on_cluster} ADD COLUMN IF NOT EXISTS edit_deleted UInt32;
