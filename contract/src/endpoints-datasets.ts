import { z } from 'zod';
import { curationEndpoints } from './curation.ts';
import { datapointResponse, datasetBaseQuery, datasetContent } from './datasets.ts';
import { endpoint } from './endpoint.ts';
import { kindEndpoints, versionQuery } from './endpoints-files.ts';
import { datasetResponse, page } from './files.ts';
import { flag, pageNumber, pageSize } from './query.ts';

const fileId = z.object({ id: z.string() });
// Nothing runs a dataset, so there is nothing to monitor.
const { 'datasets.update_monitoring': _none, ...shared } = kindEndpoints('datasets', 'dataset', datasetContent, datasetResponse);

export const datasetEndpoints = {
  ...shared,
  'datasets.upsert': endpoint({ ...shared['datasets.upsert'], query: datasetBaseQuery }),
  'datasets.get': endpoint({ ...shared['datasets.get'], query: versionQuery.extend({ include_datapoints: flag.nullish() }) }),
  'datasets.list_versions': endpoint({
    ...shared['datasets.list_versions'],
    query: z.object({
      /** Show the datapoints of the newest version. */
      include_datapoints: z.enum(['latest_committed', 'latest_saved']).nullish(),
      status: z.string().nullish(),
    }),
  }),
  'datasets.list_datapoints': endpoint({
    method: 'GET',
    path: '/datasets/{id}/datapoints',
    permission: 'fetch',
    tag: 'datasets',
    summary: 'List the datapoints of a version, in order',
    params: fileId,
    query: versionQuery.extend({ page: pageNumber.default(1), size: pageSize.default(50) }),
    output: page(datapointResponse),
  }),
  'datasets.upload_csv': endpoint({
    method: 'POST',
    path: '/datasets/{id}/datapoints/csv',
    permission: 'write',
    tag: 'datasets',
    summary: 'Add the rows of a CSV file (multipart, field `file`) as a new version',
    params: fileId,
    query: versionQuery,
    output: datasetResponse,
    raw: true,
  }),
  ...curationEndpoints,
} as const;
