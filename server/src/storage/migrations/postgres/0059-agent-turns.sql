-- Who goes on with an agent that waited: one at a time, on whatever replica.
CREATE TABLE agent_turns (
  workspace_id text NOT NULL,
  log_id text NOT NULL,
  token text NOT NULL,
  -- A turn whose server died is taken over an hour later.
  claimed_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, log_id)
);
