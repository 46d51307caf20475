-- What decides a report of an evaluation, and when that was chosen: a choice made after the data is told from one before.
CREATE TABLE evaluation_report_settings (
  evaluation_id text PRIMARY KEY REFERENCES evaluations ON DELETE CASCADE,
  primary_evaluator_version_id text,
  margin double precision CHECK (margin > 0),
  -- A list of { evaluator_version_id, at_least, at_most }.
  hard_rules jsonb NOT NULL,
  -- Of primary evaluator and margin; hard rules need no comparison.
  chosen_at timestamptz NOT NULL,
  chosen_by text
);
