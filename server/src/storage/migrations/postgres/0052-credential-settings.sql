-- What a provider needs beside secret and base URL: region, resource, deployment, API version. Nothing secret.
ALTER TABLE credentials ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';
