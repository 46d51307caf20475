-- By a rule new logs become cases of a dataset: looked through by people first, or added as they come.
CREATE TABLE dataset_rules (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  dataset_id text NOT NULL REFERENCES files ON DELETE CASCADE,
  name text NOT NULL,
  -- Null: logs of every file.
  file_id text,
  filter text,
  rate double precision NOT NULL CHECK (rate > 0 AND rate <= 1),
  most_a_day integer NOT NULL CHECK (most_a_day > 0),
  target text NOT NULL CHECK (target IN ('output', 'correction', 'none')),
  correction_id text,
  target_key text NOT NULL,
  tags jsonb NOT NULL,
  split text,
  mode text NOT NULL CHECK (mode IN ('review', 'add')),
  batch integer NOT NULL CHECK (batch > 0),
  state text NOT NULL CHECK (state IN ('active', 'inactive')),
  -- Why it stands still.
  trouble text,
  -- It takes nothing from before: when it was made, or turned on again.
  began_at timestamptz NOT NULL,
  -- How far it got, in the order in which the log store got logs and judgments: microseconds since 1970.
  cursor_at bigint NOT NULL,
  looked_at timestamptz,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX dataset_rules_dataset ON dataset_rules (workspace_id, dataset_id, created_at);

-- What a rule made of a log, once a log.
CREATE TABLE dataset_rule_cases (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  dataset_id text NOT NULL,
  rule_id text NOT NULL REFERENCES dataset_rules ON DELETE CASCADE,
  log_id text NOT NULL,
  -- Hash of inputs, messages and target.
  case_key text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'added', 'dismissed', 'duplicate')),
  -- While it waits.
  datapoint text,
  found_at timestamptz NOT NULL,
  decided_at timestamptz,
  decided_by text,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  UNIQUE (rule_id, log_id)
);
CREATE INDEX dataset_rule_cases_waiting ON dataset_rule_cases (workspace_id, dataset_id, found_at, seq) WHERE state = 'waiting';
