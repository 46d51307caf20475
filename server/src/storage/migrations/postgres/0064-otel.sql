-- Which file a span belongs to, where the application does not say: one ordered list of rules a workspace.
CREATE TABLE otel_rules (
  workspace_id text PRIMARY KEY,
  rules jsonb NOT NULL,
  updated_at timestamptz NOT NULL
);
-- Traces that are not complete, so that a restart does not leave them so for ever.
CREATE TABLE otel_open_traces (
  workspace_id text NOT NULL,
  trace_id text NOT NULL,
  -- Log of the root span; null while it has not come.
  root_id text,
  due_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, trace_id)
);
CREATE INDEX otel_open_traces_due ON otel_open_traces (due_at);
