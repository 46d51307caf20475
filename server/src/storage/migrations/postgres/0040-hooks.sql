-- Webhooks of a workspace.
CREATE TABLE webhooks (
  id text PRIMARY KEY,
  workspace_id text NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  url text NOT NULL,
  format text NOT NULL CHECK (format IN ('json', 'slack')),
  -- Names of events.
  events jsonb NOT NULL,
  -- Signing secret, sealed for this workspace and the origin of the URL.
  secret text NOT NULL,
  created_at timestamptz NOT NULL,
  last_status text,
  last_sent_at timestamptz
);
CREATE INDEX webhooks_workspace ON webhooks (workspace_id);
