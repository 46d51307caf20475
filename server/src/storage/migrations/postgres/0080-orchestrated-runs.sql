-- Runs whose logs the server makes: one item a datapoint and repetition. What waits is what is left to do after a crash.

ALTER TABLE evaluation_runs ADD COLUMN repetitions integer NOT NULL DEFAULT 1;
-- One replica works on a run; another takes over when it no longer says that it does.
ALTER TABLE evaluation_runs ADD COLUMN worker text;
ALTER TABLE evaluation_runs ADD COLUMN worker_until timestamptz;

CREATE TABLE evaluation_items (
  run_id text NOT NULL REFERENCES evaluation_runs ON DELETE CASCADE,
  datapoint_id text NOT NULL,
  repetition integer NOT NULL,
  position integer NOT NULL,
  -- Given before the call, so that a call that was under way in a crash can be told from one that was not.
  log_id text NOT NULL,
  done boolean NOT NULL DEFAULT false,
  PRIMARY KEY (run_id, datapoint_id, repetition)
);
CREATE INDEX evaluation_items_waiting ON evaluation_items (run_id, repetition, position) WHERE NOT done;
