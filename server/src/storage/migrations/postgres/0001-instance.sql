-- One row of facts about this installation: its id, and whether the first run is over.
CREATE TABLE instance (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT now(),
  facts jsonb NOT NULL DEFAULT '{}'
);
INSERT INTO instance DEFAULT VALUES;
