-- Environment variables of tools.
CREATE TABLE tool_variables (
  workspace_id text NOT NULL,
  file_id text NOT NULL REFERENCES files ON DELETE CASCADE,
  name text NOT NULL,
  -- Sealed for this tool, this name and these origins.
  value text NOT NULL,
  -- Last characters of the value, to tell it by.
  hint text NOT NULL,
  -- Where the tool's versions called when the value was given: nowhere else is it sent.
  origins jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (file_id, name)
);
CREATE INDEX tool_variables_workspace ON tool_variables (workspace_id);
