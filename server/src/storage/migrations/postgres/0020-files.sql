-- Files of six kinds, their versions, directories, environments and deployments.

CREATE TABLE environments (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  name text NOT NULL,
  is_default boolean NOT NULL DEFAULT false,
  protected boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  -- The history of deployments still names it.
  deleted_at timestamptz
);
CREATE UNIQUE INDEX environments_name ON environments (workspace_id, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX environments_default ON environments (workspace_id) WHERE is_default;

CREATE TABLE directories (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  parent_id text REFERENCES directories,
  name text NOT NULL,
  path text NOT NULL,
  description text,
  readme text,
  tags jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX directories_path ON directories (workspace_id, path);
CREATE INDEX directories_parent ON directories (parent_id);

CREATE TABLE files (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  kind text NOT NULL,
  path text NOT NULL,
  name text NOT NULL,
  directory_id text REFERENCES directories,
  description text,
  readme text,
  tags jsonb NOT NULL DEFAULT '[]',
  hidden boolean NOT NULL DEFAULT false,
  -- What a read without deployment and selector answers: the newest committed version, else the newest draft.
  latest_version_id text,
  created_at timestamptz NOT NULL,
  created_by text,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX files_path ON files (workspace_id, path);
CREATE INDEX files_directory ON files (directory_id);

CREATE TABLE versions (
  workspace_id text NOT NULL,
  id text NOT NULL,
  file_id text NOT NULL REFERENCES files ON DELETE CASCADE,
  content_hash text NOT NULL,
  -- json, not jsonb: the order of a schema's properties matters to a model.
  kernel json NOT NULL,
  name text,
  description text,
  status text NOT NULL CHECK (status IN ('committed', 'uncommitted', 'deleted')),
  parent_version_id text,
  created_at timestamptz NOT NULL,
  created_by text,
  -- Order of creation within one millisecond.
  seq bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX versions_content ON versions (file_id, content_hash);
CREATE UNIQUE INDEX versions_name ON versions (file_id, name) WHERE status <> 'deleted';
CREATE INDEX versions_newest ON versions (file_id, created_at DESC, seq DESC);

CREATE TABLE deployments (
  file_id text NOT NULL REFERENCES files ON DELETE CASCADE,
  environment_id text NOT NULL REFERENCES environments,
  workspace_id text NOT NULL,
  version_id text NOT NULL,
  deployed_at timestamptz NOT NULL,
  deployed_by text,
  PRIMARY KEY (file_id, environment_id),
  FOREIGN KEY (workspace_id, version_id) REFERENCES versions
);
CREATE INDEX deployments_environment ON deployments (environment_id);
CREATE INDEX deployments_version ON deployments (workspace_id, version_id);

CREATE TABLE deployment_history (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  file_id text NOT NULL REFERENCES files ON DELETE CASCADE,
  environment_id text NOT NULL REFERENCES environments,
  version_id text,
  previous_version_id text,
  action text NOT NULL CHECK (action IN ('first', 'deploy', 'roll_back', 'remove')),
  message text,
  created_at timestamptz NOT NULL,
  created_by text,
  seq bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX deployment_history_file ON deployment_history (file_id, seq DESC);
