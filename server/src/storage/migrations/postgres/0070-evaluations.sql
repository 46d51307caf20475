-- Evaluations: runs of versions over datasets, which evaluators judge; and evaluators attached to files.

CREATE TABLE evaluations (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  file_id text REFERENCES files ON DELETE CASCADE,
  name text,
  created_at timestamptz NOT NULL,
  created_by text,
  updated_at timestamptz NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY
);
CREATE UNIQUE INDEX evaluations_name ON evaluations (workspace_id, coalesce(file_id, ''), name);
CREATE INDEX evaluations_file ON evaluations (file_id);

CREATE TABLE evaluation_evaluators (
  evaluation_id text NOT NULL REFERENCES evaluations ON DELETE CASCADE,
  evaluator_version_id text NOT NULL,
  evaluator_id text NOT NULL REFERENCES files ON DELETE CASCADE,
  orchestrated boolean NOT NULL,
  added_at timestamptz NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (evaluation_id, evaluator_version_id)
);
CREATE INDEX evaluation_evaluators_file ON evaluation_evaluators (evaluator_id);

-- Versions are named without a reference: a run outlives the file that it ran.
CREATE TABLE evaluation_runs (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  dataset_version_id text,
  version_id text,
  orchestrated boolean NOT NULL,
  -- Said by a caller; else the status follows from logs and judgments.
  ended text CHECK (ended IN ('completed', 'cancelled')),
  created_at timestamptz NOT NULL,
  created_by text,
  seq bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX evaluation_runs_version ON evaluation_runs (workspace_id, version_id);

-- A run may be in several evaluations.
CREATE TABLE evaluation_run_links (
  evaluation_id text NOT NULL REFERENCES evaluations ON DELETE CASCADE,
  run_id text NOT NULL REFERENCES evaluation_runs ON DELETE CASCADE,
  control boolean NOT NULL DEFAULT false,
  added_at timestamptz NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (evaluation_id, run_id)
);
CREATE INDEX evaluation_run_links_run ON evaluation_run_links (run_id);

-- Logs that were there before they came into the run; others name it themselves.
CREATE TABLE evaluation_run_logs (
  run_id text NOT NULL REFERENCES evaluation_runs ON DELETE CASCADE,
  log_id text NOT NULL,
  -- Where in the log store to look, to the millisecond.
  log_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, log_id)
);

-- A version of an evaluator, or what is deployed of it in an environment.
CREATE TABLE monitors (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  file_id text NOT NULL REFERENCES files ON DELETE CASCADE,
  evaluator_id text NOT NULL REFERENCES files ON DELETE CASCADE,
  evaluator_version_id text,
  environment_id text,
  state text NOT NULL CHECK (state IN ('active', 'inactive')),
  created_at timestamptz NOT NULL,
  created_by text,
  updated_at timestamptz NOT NULL,
  CHECK ((evaluator_version_id IS NULL) <> (environment_id IS NULL))
);
CREATE UNIQUE INDEX monitors_attachment ON monitors (file_id, evaluator_id, coalesce(evaluator_version_id, ''), coalesce(environment_id, ''));
CREATE INDEX monitors_evaluator ON monitors (evaluator_id);
