-- Queues of logs that people judge. The judgments themselves are in the log store; what is here says who has which log, and
-- keeps what was answered so that agreement can be counted.

CREATE TABLE review_queues (
  id text PRIMARY KEY,
  workspace_id text NOT NULL,
  name text NOT NULL,
  instructions text,
  mode text NOT NULL CHECK (mode IN ('single', 'pairwise')),
  blind boolean NOT NULL,
  overlap integer NOT NULL CHECK (overlap > 0),
  share double precision NOT NULL,
  -- As it was asked for, and the filter with names resolved, by which new logs join.
  source jsonb NOT NULL,
  live_filter jsonb,
  closed boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY
);
CREATE INDEX review_queues_workspace ON review_queues (workspace_id);

CREATE TABLE review_evaluators (
  queue_id text NOT NULL REFERENCES review_queues ON DELETE CASCADE,
  evaluator_id text NOT NULL,
  evaluator_version_id text NOT NULL,
  position integer NOT NULL,
  PRIMARY KEY (queue_id, evaluator_id)
);

CREATE TABLE review_assignees (
  queue_id text NOT NULL REFERENCES review_queues ON DELETE CASCADE,
  user_id text NOT NULL,
  PRIMARY KEY (queue_id, user_id)
);

CREATE TABLE review_items (
  id text PRIMARY KEY,
  queue_id text NOT NULL REFERENCES review_queues ON DELETE CASCADE,
  -- A random number, so that the order is by chance and stays.
  position double precision NOT NULL,
  log_id text NOT NULL,
  -- Of a pair: the log of the second run, and whether it stands at the left.
  other_log_id text,
  swapped boolean NOT NULL DEFAULT false,
  -- With which it was chosen, where chance was not even.
  probability double precision,
  gone boolean NOT NULL DEFAULT false,
  resolved_at timestamptz,
  resolved_by text,
  resolution jsonb,
  added_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX review_items_log ON review_items (queue_id, log_id, coalesce(other_log_id, ''));
CREATE INDEX review_items_order ON review_items (queue_id, position);

-- A person at an item: being read until the lease is over, skipped, or judged.
CREATE TABLE review_slots (
  item_id text NOT NULL REFERENCES review_items ON DELETE CASCADE,
  queue_id text NOT NULL REFERENCES review_queues ON DELETE CASCADE,
  user_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('claimed', 'skipped', 'done')),
  lease_until timestamptz,
  seconds double precision,
  answer jsonb,
  judgment_ids jsonb,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (item_id, user_id)
);
CREATE INDEX review_slots_queue ON review_slots (queue_id, user_id);

CREATE TABLE review_comments (
  id text PRIMARY KEY,
  item_id text NOT NULL REFERENCES review_items ON DELETE CASCADE,
  user_id text NOT NULL,
  text text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX review_comments_item ON review_comments (item_id);

-- The population from which labels were chosen: every case with what the judge said and the probability of being labelled.
CREATE TABLE review_populations (
  queue_id text PRIMARY KEY REFERENCES review_queues ON DELETE CASCADE,
  judge_id text NOT NULL,
  human_id text NOT NULL,
  random_share double precision NOT NULL,
  measure text NOT NULL CHECK (measure IN ('pass', 'score')),
  log_ids jsonb NOT NULL,
  judged jsonb NOT NULL,
  probabilities jsonb NOT NULL
);
CREATE INDEX review_populations_judge ON review_populations (judge_id, human_id);
