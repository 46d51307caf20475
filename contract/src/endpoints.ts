import { fileEndpoints } from './endpoints-files.ts';
import { logEndpoints } from './endpoints-logs.ts';
import { workspaceEndpoints } from './endpoints-workspace.ts';

/** Every operation below `/v5`. The server refuses to start when one has no handler. */
export const endpoints = { ...fileEndpoints, ...logEndpoints, ...workspaceEndpoints } as const;
export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;
