-- A name that calls and prompts use for an order of models.
CREATE TABLE routes (
  workspace_id text NOT NULL,
  name text NOT NULL,
  targets jsonb NOT NULL,
  cache_ttl_seconds integer,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, name)
);

-- Rate limits and budgets of API keys and of end users; the user `*` is everyone without a row of their own.
CREATE TABLE limits (
  workspace_id text NOT NULL,
  subject text NOT NULL,
  subject_id text NOT NULL,
  requests_per_minute bigint,
  tokens_per_minute bigint,
  usd_per_day numeric,
  usd_per_month numeric,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, subject, subject_id)
);

-- What was used in a span of time: minute, day or month, in UTC. Requests are taken ahead in slices.
CREATE TABLE limit_usage (
  workspace_id text NOT NULL,
  subject text NOT NULL,
  subject_id text NOT NULL,
  span text NOT NULL,
  started_at timestamptz NOT NULL,
  requests bigint NOT NULL DEFAULT 0,
  tokens bigint NOT NULL DEFAULT 0,
  usd numeric NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace_id, subject, subject_id, span, started_at)
);
CREATE INDEX limit_usage_started_at ON limit_usage (span, started_at);

-- Answers to equal requests, by a hash of workspace and request.
CREATE TABLE cached_answers (
  workspace_id text NOT NULL,
  key text NOT NULL,
  completion text NOT NULL,
  log_id text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, key)
);
CREATE INDEX cached_answers_expires_at ON cached_answers (expires_at);
CREATE INDEX cached_answers_age ON cached_answers (workspace_id, created_at);
