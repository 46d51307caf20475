-- A workspace's own rows of the price table, in USD per million tokens. `model` may end in `*`.
CREATE TABLE prices (
  workspace_id text NOT NULL,
  provider text NOT NULL,
  model text NOT NULL,
  input_per_million numeric,
  output_per_million numeric,
  cached_input_per_million numeric,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, provider, model)
);
