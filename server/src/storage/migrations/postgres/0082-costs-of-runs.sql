-- What runs may cost and have cost, why one stopped, and outputs that later runs may take over.

ALTER TABLE evaluation_runs ADD COLUMN max_cost_usd double precision;
ALTER TABLE evaluation_runs ADD COLUMN cached boolean NOT NULL DEFAULT false;
ALTER TABLE evaluation_runs ADD COLUMN concurrency integer;
-- Of what the server called for the run, judges included. Null: it called nothing yet.
ALTER TABLE evaluation_runs ADD COLUMN spent_usd double precision;
ALTER TABLE evaluation_runs ADD COLUMN unpriced integer NOT NULL DEFAULT 0;
ALTER TABLE evaluation_runs ADD COLUMN stopped_because text;
ALTER TABLE evaluation_runs ADD COLUMN stopped_message text;
-- Whose limits its calls count to.
ALTER TABLE evaluation_runs ADD COLUMN started_by jsonb;
-- When whoever works on the run expects its end.
ALTER TABLE evaluation_runs ADD COLUMN expected_end timestamptz;

ALTER TABLE evaluation_items ADD COLUMN outcome text CHECK (outcome IN ('ok', 'failed', 'cached', 'gone'));
-- Names what the output follows from: workspace, version, inputs, messages, repetition.
ALTER TABLE evaluation_items ADD COLUMN content_key text;
CREATE INDEX evaluation_items_content ON evaluation_items (content_key) WHERE outcome = 'ok' AND content_key IS NOT NULL;
