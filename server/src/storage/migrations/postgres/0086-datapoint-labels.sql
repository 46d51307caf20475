-- Metadata, split and tags are part of a datapoint's content. The hash of the case without them, where it has any: clients that
-- know none still find the case.

ALTER TABLE datapoints ADD COLUMN case_hash text;
CREATE INDEX datapoints_case ON datapoints (file_id, case_hash) WHERE case_hash IS NOT NULL;
