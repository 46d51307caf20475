-- People: who may do what, where. Times are UTC; ids carry a prefix (`usr_`, `ws_`, …).

-- The next four are better-auth's tables. Tokens are stored as SHA-256, passwords as scrypt.
CREATE TABLE users (
  id text PRIMARY KEY,
  name text NOT NULL,
  -- Always lower case.
  email text NOT NULL UNIQUE,
  email_verified boolean NOT NULL DEFAULT false,
  image text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE sessions (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token text NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL,
  ip_address text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Also when the session was last seen.
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE TABLE accounts (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider_id text NOT NULL,
  account_id text NOT NULL,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (provider_id, account_id)
);
CREATE INDEX accounts_user ON accounts (user_id);
CREATE TABLE verifications (
  id text PRIMARY KEY,
  identifier text NOT NULL,
  value text NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX verifications_identifier ON verifications (identifier);

CREATE TABLE workspaces (
  id text PRIMARY KEY,
  slug text NOT NULL UNIQUE,
  name text NOT NULL,
  created_at timestamptz NOT NULL,
  retention_days integer,
  -- { environment id: days or null }
  environment_retention_days jsonb NOT NULL DEFAULT '{}',
  -- [{ name, kind, match, replacement }]
  redaction jsonb NOT NULL DEFAULT '[]',
  demo text NOT NULL DEFAULT 'none'
);
CREATE TABLE members (
  workspace_id text NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('viewer', 'reviewer', 'editor', 'admin', 'owner')),
  suspended boolean NOT NULL DEFAULT false,
  joined_at timestamptz NOT NULL,
  last_seen_at timestamptz,
  PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX members_user ON members (user_id);

-- Single-use links: the token is in the link only, here is its SHA-256.
CREATE TABLE invitations (
  id text PRIMARY KEY,
  workspace_id text NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  token_hash text NOT NULL UNIQUE,
  email text,
  role text NOT NULL CHECK (role IN ('viewer', 'reviewer', 'editor', 'admin')),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  invited_by text NOT NULL,
  accepted_at timestamptz,
  accepted_by text
);
CREATE INDEX invitations_workspace ON invitations (workspace_id);
CREATE INDEX invitations_email ON invitations (email) WHERE accepted_at IS NULL;
CREATE TABLE reset_links (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX reset_links_user ON reset_links (user_id);

-- Attempts to sign in by SHA-256 of address, e-mail or both; rows older than a day are swept.
CREATE TABLE sign_in_attempts (
  key text PRIMARY KEY,
  attempts integer NOT NULL,
  last_at timestamptz NOT NULL,
  blocked_until timestamptz
);

CREATE TABLE api_keys (
  id text PRIMARY KEY,
  workspace_id text NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  name text NOT NULL,
  prefix text NOT NULL,
  -- SHA-256 of the key, base64url: the only way to find it.
  hash text NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('feedback', 'gateway', 'viewer', 'reviewer', 'editor', 'admin')),
  environment text,
  created_at timestamptz NOT NULL,
  created_by text,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX api_keys_workspace ON api_keys (workspace_id);

-- Master keys by id, each with a known text sealed under it: a start without the right key is refused.
CREATE TABLE secret_keys (
  id text PRIMARY KEY,
  proof text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE credentials (
  id text PRIMARY KEY,
  workspace_id text NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  name text NOT NULL,
  provider text NOT NULL,
  base_url text,
  -- Sealed: key id, nonce, ciphertext and tag.
  secret text NOT NULL,
  hint text NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  UNIQUE (workspace_id, name)
);

-- No foreign key: the entry of a deleted workspace's end stays.
CREATE TABLE audit_entries (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  at timestamptz NOT NULL,
  actor_type text NOT NULL,
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  action text NOT NULL,
  target jsonb,
  data jsonb NOT NULL,
  ip text
);
CREATE INDEX audit_entries_workspace ON audit_entries (workspace_id, at DESC, id DESC);
