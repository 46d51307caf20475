import type { DatasetResponse, Scope } from '@whetstone/contract';
import { maxDatapoints } from '@whetstone/contract';
import type { DatasetInput, Files, Snapshot } from '../../files/index.ts';
import type { Handlers } from './call.ts';
import { readCsvUpload } from './csv-upload.ts';
import { diffDatasets } from './dataset-diff.ts';
import type { Rooms } from './handlers.ts';
import { labelsOf } from './kinds.ts';

type Own =
  | 'datasets.upsert'
  | 'datasets.get'
  | 'datasets.list_versions'
  | 'datasets.list_datapoints'
  | 'datasets.upload_csv'
  | 'datasets.diff';

/** What only datasets do: their content is rows, and a change of it has a base. */
export function datasetHandlers(rooms: Rooms): Handlers<Own> {
  const { files } = rooms;
  const present = async (scope: Scope, snapshot: Snapshot, datapoints = false): Promise<DatasetResponse> =>
    (await rooms.presentFiles(scope, [snapshot], { datapoints }))[0] as DatasetResponse;
  return {
    async 'datasets.upsert'({ scope, body, query }) {
      const input: DatasetInput = {
        ...labelsOf(body),
        datapoints: body.datapoints,
        action: body.action ?? 'set',
        attributes: body.attributes,
        base: { versionId: query.version_id, environment: query.environment },
      };
      const { snapshot } = await files.datasets.upsert(scope, input);
      return present(scope, snapshot, query.include_datapoints === true);
    },
    async 'datasets.get'({ scope, params, query }) {
      const snapshot = await versionOf(files, scope, params.id, query);
      return present(scope, snapshot, query.include_datapoints === true);
    },
    async 'datasets.list_versions'({ scope, params, query }) {
      const versions = await files.versions(scope, 'dataset', params.id);
      const records = (await rooms.presentFiles(scope, versions)) as DatasetResponse[];
      const [newest] = versions;
      if (newest && records[0] && query.include_datapoints != null) records[0] = await present(scope, newest, true);
      return { records };
    },
    async 'datasets.list_datapoints'({ scope, params, query }) {
      const { page, size } = query;
      const snapshot = await versionOf(files, scope, params.id, query);
      const { records, total } = await files.datasets.datapoints(scope, snapshot.version.id, { page, size });
      return { records, page, size, total };
    },
    async 'datasets.upload_csv'({ scope, params, query, request }) {
      // Before megabytes are read for nothing.
      await versionOf(files, scope, params.id, query);
      const { datapoints, fields } = await readCsvUpload(request.headers, request.body, {
        maxBytes: rooms.config.maxBodyBytes,
        maxRows: maxDatapoints,
      });
      const { snapshot } = await files.datasets.upsert(scope, {
        id: params.id,
        versionName: fields.get('version_name'),
        versionDescription: fields.get('version_description'),
        datapoints,
        action: 'add',
        base: { versionId: query.version_id, environment: query.environment, orDeployed: true },
      });
      return present(scope, snapshot);
    },
    async 'datasets.diff'({ scope, params, query }) {
      const [from, to] = await Promise.all([
        versionOf(files, scope, params.id, { version_id: query.from }),
        versionOf(files, scope, params.id, { version_id: query.to }),
      ]);
      return diffDatasets(files, scope, from, to);
    },
  };
}

function versionOf(
  files: Files,
  scope: Scope,
  id: string,
  at: { version_id?: string | null | undefined; environment?: string | null | undefined },
): Promise<Snapshot<'dataset'>> {
  return files.get(scope, 'dataset', { id }, { versionId: at.version_id, environment: at.environment });
}
