-- A monitor judges new logs of a file: those of one environment or of all, that fit a filter, a share of them, for so much a day.
ALTER TABLE monitors ADD COLUMN watched_environment_id text;
ALTER TABLE monitors ADD COLUMN filter text;
ALTER TABLE monitors ADD COLUMN rate double precision NOT NULL DEFAULT 1 CHECK (rate > 0 AND rate <= 1);
ALTER TABLE monitors ADD COLUMN budget_usd double precision CHECK (budget_usd >= 0);
-- How far it got, in the order in which the log store got the logs: microseconds since 1970, and the id within them.
ALTER TABLE monitors ADD COLUMN cursor_at bigint;
ALTER TABLE monitors ADD COLUMN cursor_id text NOT NULL DEFAULT '';
-- Its budget is spent until then.
ALTER TABLE monitors ADD COLUMN paused_until timestamptz;
-- Why it stands still.
ALTER TABLE monitors ADD COLUMN trouble text;
DROP INDEX monitors_attachment;
CREATE UNIQUE INDEX monitors_attachment ON monitors (file_id, evaluator_id, coalesce(evaluator_version_id, ''), coalesce(environment_id, ''),
  coalesce(watched_environment_id, ''), coalesce(filter, ''));
CREATE INDEX monitors_workspace ON monitors (workspace_id) WHERE state = 'active';

-- One replica works on the monitors of a workspace at a time.
CREATE TABLE monitor_leases (
  workspace_id text PRIMARY KEY,
  worker text NOT NULL,
  worker_until timestamptz NOT NULL
);

-- A monitor over logs that are there already.
CREATE TABLE monitor_backfills (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  monitor_id text NOT NULL REFERENCES monitors ON DELETE CASCADE,
  from_at timestamptz NOT NULL,
  to_at timestamptz NOT NULL,
  filter text,
  rate double precision NOT NULL,
  max_cost_usd double precision,
  state text NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed')),
  -- Why it failed, or stopped before the end.
  reason text,
  total integer NOT NULL,
  looked_at integer NOT NULL DEFAULT 0,
  judged integer NOT NULL DEFAULT 0,
  failed integer NOT NULL DEFAULT 0,
  cost_usd double precision NOT NULL DEFAULT 0,
  -- The place of the last log that was looked at: microseconds since 1970, and its id.
  cursor_at bigint NOT NULL DEFAULT 0,
  cursor_id text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  created_by text,
  ended_at timestamptz
);
CREATE INDEX monitor_backfills_monitor ON monitor_backfills (monitor_id, created_at);
CREATE INDEX monitor_backfills_running ON monitor_backfills (workspace_id) WHERE state = 'running';

CREATE TABLE monitor_alerts (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  monitor_id text NOT NULL REFERENCES monitors ON DELETE CASCADE,
  name text NOT NULL,
  -- What is measured, when it tells, and whom: as the contract has it.
  rule jsonb NOT NULL,
  channels jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('learning', 'watching', 'open')),
  -- What it must remember to go on after a restart as if there had been none.
  memory jsonb NOT NULL,
  muted_until timestamptz,
  created_at timestamptz NOT NULL,
  created_by text,
  updated_at timestamptz NOT NULL
);
CREATE INDEX monitor_alerts_monitor ON monitor_alerts (monitor_id);

CREATE TABLE monitor_alert_events (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  alert_id text NOT NULL REFERENCES monitor_alerts ON DELETE CASCADE,
  type text NOT NULL CHECK (type IN ('opened', 'recovered', 'acknowledged', 'muted', 'tested')),
  text text NOT NULL,
  data jsonb NOT NULL,
  -- Of those that were told: where, and what came of it.
  told jsonb NOT NULL,
  at timestamptz NOT NULL,
  actor text,
  seq bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX monitor_alert_events_alert ON monitor_alert_events (alert_id, seq);
