-- The pages that may send with a publishable key: `https://example.com`, or `*` for any.
ALTER TABLE api_keys ADD COLUMN origins text[] NOT NULL DEFAULT '{}';

-- Feedback whose log is not known yet: it joins the log when that comes. One row for what one user says of one log by one evaluator.
CREATE TABLE waiting_feedback (
  workspace_id text NOT NULL,
  -- The log's id, or the application's own id of it.
  by_reference boolean NOT NULL,
  log text NOT NULL,
  evaluator_id text NOT NULL,
  source text NOT NULL,
  -- '' where nobody is named: the user of the log, when that is known.
  judge text NOT NULL,
  judgment jsonb NOT NULL,
  -- Of choices that may hold together: true added, false taken back. Null for any other value, which replaces.
  options jsonb,
  received_at timestamptz NOT NULL,
  -- When it first waited, and when it is looked for again.
  since timestamptz NOT NULL,
  next_at timestamptz NOT NULL,
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (workspace_id, by_reference, log, evaluator_id, source, judge)
);
CREATE INDEX waiting_feedback_next ON waiting_feedback (next_at);

-- What was last said, shared by replicas until each can read it in the log store: so a choice made on one does not undo that made on another.
CREATE TABLE recent_feedback (
  workspace_id text NOT NULL,
  judgment_id text NOT NULL,
  row_version bigint NOT NULL,
  deleted boolean NOT NULL,
  labels text[],
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, judgment_id)
);
CREATE INDEX recent_feedback_updated ON recent_feedback (updated_at);
