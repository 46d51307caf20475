-- Versions of one prompt or agent on the traffic of one environment, by a hash of the unit.

CREATE TABLE experiments (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  file_id text NOT NULL,
  environment_id text NOT NULL,
  name text NOT NULL,
  hypothesis text,
  state text NOT NULL CHECK (state IN ('draft', 'running', 'stopped', 'promoted')),
  -- Hashed together with the unit; the id, unless it was imported.
  salt text NOT NULL,
  -- Control first. Pinned from the start on.
  arms jsonb NOT NULL,
  traffic double precision NOT NULL CHECK (traffic > 0 AND traffic <= 1),
  metric jsonb NOT NULL,
  secondary jsonb NOT NULL,
  guards jsonb NOT NULL,
  smallest_difference double precision NOT NULL,
  mode text NOT NULL CHECK (mode IN ('sequential', 'fixed')),
  planned_units bigint,
  window_hours double precision NOT NULL,
  forced jsonb NOT NULL,
  hold_out double precision CHECK (hold_out > 0 AND hold_out < 1),
  started_at timestamptz,
  ended_at timestamptz,
  ended_why text,
  promoted_arm_id text,
  -- The answer so far in a sentence.
  words text,
  created_at timestamptz NOT NULL,
  created_by text,
  updated_at timestamptz NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX experiments_file ON experiments (workspace_id, file_id);
-- Who decides what a unit gets: one experiment at a time, or what it left behind.
CREATE UNIQUE INDEX experiments_one ON experiments (workspace_id, file_id, environment_id)
  WHERE state = 'running' OR hold_out IS NOT NULL;

-- From when which shares held. Slots divide the numbers from 0 to 1 in their order; of a stopped arm it is control's.
CREATE TABLE experiment_epochs (
  experiment_id text NOT NULL REFERENCES experiments ON DELETE CASCADE,
  number integer NOT NULL,
  started_at timestamptz NOT NULL,
  traffic double precision NOT NULL,
  slots jsonb NOT NULL,
  PRIMARY KEY (experiment_id, number)
);

CREATE TABLE experiment_events (
  experiment_id text NOT NULL REFERENCES experiments ON DELETE CASCADE,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  type text NOT NULL,
  text text NOT NULL,
  data jsonb NOT NULL,
  actor text,
  PRIMARY KEY (experiment_id, seq)
);

-- One replica settles the outcomes of a workspace.
CREATE TABLE experiment_leases (
  workspace_id text PRIMARY KEY,
  worker text NOT NULL,
  worker_until timestamptz NOT NULL
);

-- What the analysis keeps between its looks.
CREATE TABLE experiment_analyses (
  experiment_id text PRIMARY KEY REFERENCES experiments ON DELETE CASCADE,
  workspace_id text NOT NULL,
  -- How far outcomes are settled: all of units whose window closed before.
  settled_until timestamptz,
  looked_at timestamptz,
  state jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE experiment_looks (
  experiment_id text NOT NULL REFERENCES experiments ON DELETE CASCADE,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  look jsonb NOT NULL,
  PRIMARY KEY (experiment_id, seq)
);
