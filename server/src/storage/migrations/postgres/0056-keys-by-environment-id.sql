-- A key stays bound to its environment when that is renamed. One that is bound to a name which is gone can do nothing, as before.
UPDATE api_keys SET environment = environments.id
FROM environments
WHERE environments.workspace_id = api_keys.workspace_id
  AND environments.name = api_keys.environment
  AND environments.deleted_at IS NULL;
