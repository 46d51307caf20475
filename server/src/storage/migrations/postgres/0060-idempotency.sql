-- Answers to requests with an `Idempotency-Key`, so that one sent again gets the answer of the first. Half a day each.
CREATE TABLE idempotency_keys (
  workspace_id text NOT NULL,
  actor_id text NOT NULL,
  -- SHA-256 of what the caller sent.
  key_hash text NOT NULL,
  -- SHA-256 of method, path, query and body.
  request_hash text NOT NULL,
  -- Of the attempt that holds the key.
  claim text NOT NULL,
  created_at timestamptz NOT NULL,
  -- Renewed while the attempt runs: one that died is told by its age.
  seen_at timestamptz NOT NULL,
  -- Null while the attempt runs.
  status integer,
  -- Sealed under the key itself; null when it was too large.
  answer text,
  PRIMARY KEY (workspace_id, actor_id, key_hash)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
