import { batchEndpoints } from './endpoints-batch.ts';
import { datasetEndpoints } from './endpoints-datasets.ts';
import { fileEndpoints } from './endpoints-files.ts';
import { logEndpoints } from './endpoints-logs.ts';
import { workspaceEndpoints } from './endpoints-workspace.ts';

export type { BatchItem, BatchType } from './endpoints-batch.ts';

/** Every operation below `/v5`. The server refuses to start when one has no handler. */
export const endpoints = { ...fileEndpoints, ...datasetEndpoints, ...logEndpoints, ...batchEndpoints, ...workspaceEndpoints } as const;
export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;
