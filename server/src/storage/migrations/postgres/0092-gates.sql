-- What an environment demands of a version before it is deployed there, and runs kept as results of a branch.

CREATE TABLE environment_gates (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  environment_id text NOT NULL,
  -- The id of an evaluation, or the name of evaluations.
  evaluation text NOT NULL,
  file_id text,
  no_regression boolean NOT NULL,
  hard_rules boolean NOT NULL,
  max_age_days double precision CHECK (max_age_days > 0),
  position integer NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL
);
CREATE INDEX environment_gates_environment ON environment_gates (workspace_id, environment_id, position);

CREATE TABLE kept_results (
  evaluation_id text NOT NULL REFERENCES evaluations ON DELETE CASCADE,
  run_id text NOT NULL,
  workspace_id text NOT NULL,
  branch text NOT NULL,
  commit_id text,
  url text,
  created_at timestamptz NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (evaluation_id, run_id, branch)
);
CREATE INDEX kept_results_branch ON kept_results (evaluation_id, branch, seq DESC);
