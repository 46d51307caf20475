import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { versionQuery } from './endpoints-files.ts';
import { jsonObject, moment } from './json.ts';
import { toolKernel } from './kernels.ts';
import { logLink, toolLogResponse } from './logs.ts';

/** Running a tool on the server; `json_schema` tools run in the application. */
export const toolCallRequest = z.object({
  path: z.string().nullish(),
  id: z.string().nullish(),
  tool: toolKernel.nullish(),
  inputs: jsonObject.nullish(),
  source: z.string().nullish(),
  metadata: jsonObject.nullish(),
  start_time: moment.nullish(),
  end_time: moment.nullish(),
  ...logLink,
});
export type ToolCallRequest = z.infer<typeof toolCallRequest>;

/** In answers `value` shows at most the last characters; sent back as it came, it changes nothing. */
export const environmentVariable = z.object({ name: z.string(), value: z.string() }).meta({ id: 'FileEnvironmentVariable' });

const fileId = z.object({ id: z.string() });

export const toolEndpoints = {
  'tools.call': endpoint({
    method: 'POST',
    path: '/tools/call',
    permission: 'call',
    tag: 'tools',
    summary: 'Run a tool; the run is logged',
    query: versionQuery,
    body: toolCallRequest,
    output: toolLogResponse,
  }),
  'tools.get_environment_variables': endpoint({
    method: 'GET',
    path: '/tools/{id}/environment-variables',
    permission: 'read',
    tag: 'tools',
    summary: "List a tool's environment variables, their values hidden",
    params: fileId,
    output: z.array(environmentVariable),
  }),
  'tools.add_environment_variable': endpoint({
    method: 'POST',
    path: '/tools/{id}/environment-variables',
    permission: 'write',
    tag: 'tools',
    summary: 'Set environment variables of a tool, encrypted',
    params: fileId,
    body: z.array(environmentVariable).max(100),
    output: z.array(environmentVariable),
  }),
  'tools.delete_environment_variable': endpoint({
    method: 'DELETE',
    path: '/tools/{id}/environment-variables/{name}',
    permission: 'write',
    tag: 'tools',
    summary: 'Delete an environment variable of a tool; those that are left',
    params: z.object({ id: z.string(), name: z.string() }),
    output: z.array(environmentVariable),
  }),
} as const;
