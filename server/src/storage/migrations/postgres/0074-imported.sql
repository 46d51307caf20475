-- What an import told of and could not bring: who did what and is no member here, and what has to be entered again.
-- An export passes it on.
CREATE TABLE imported (
  workspace_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('author', 'member', 'credential', 'key', 'variable', 'webhook')),
  name text NOT NULL,
  -- json, not jsonb: keys stay in their order.
  said json NOT NULL,
  PRIMARY KEY (workspace_id, kind, name)
);
