-- Looked at every few seconds: runs whose worker no longer says that it works on them.
CREATE INDEX evaluation_runs_open ON evaluation_runs (worker_until) WHERE ended IS NULL;
