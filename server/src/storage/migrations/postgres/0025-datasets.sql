-- Datapoints of datasets, and which of them each version has. A row of `datapoints` is content and never changes; the list of
-- a version is cut into pages where the ids say so, and versions that share a stretch of it share its pages.

CREATE TABLE datapoints (
  workspace_id text NOT NULL,
  id text NOT NULL,
  file_id text NOT NULL REFERENCES files ON DELETE CASCADE,
  content_hash text NOT NULL,
  -- json, not jsonb: keys stay in their order.
  content json NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX datapoints_content ON datapoints (file_id, content_hash);

CREATE TABLE dataset_pages (
  file_id text NOT NULL REFERENCES files ON DELETE CASCADE,
  hash text NOT NULL,
  datapoint_ids text[] NOT NULL,
  -- Beside the ids, so that the digest of a changed list needs no other rows.
  content_hashes text[] NOT NULL,
  PRIMARY KEY (file_id, hash)
);

CREATE TABLE dataset_versions (
  workspace_id text NOT NULL,
  version_id text NOT NULL,
  file_id text NOT NULL REFERENCES files ON DELETE CASCADE,
  -- In order; the same page may not come twice, because a datapoint does not.
  page_hashes text[] NOT NULL,
  page_sizes int[] NOT NULL,
  PRIMARY KEY (workspace_id, version_id)
);
