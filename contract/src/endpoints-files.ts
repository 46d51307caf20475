import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import {
  deploymentResponse,
  directoryDetail,
  directoryResponse,
  evaluatorResponse,
  fileEnvironmentResponse,
  filePatch,
  fileResponse,
  flowResponse,
  monitorReference,
  page,
  populatedPrompt,
  promptResponse,
  toolResponse,
  upsertCommon,
  versionDiff,
  versionPatch,
} from './files.ts';
import { jsonObject } from './json.ts';
import { evaluatorKernel, flowKernel, promptKernel, toolKernel } from './kernels.ts';
import { flag, many, pageNumber, pageSize } from './query.ts';

const fileId = z.object({ id: z.string() });
/** v5 has the first three. */
const directoryRequest = z.object({
  name: z.string().nullish(),
  parent_id: z.string().nullish(),
  path: z.string().nullish(),
  description: z.string().nullish(),
  readme: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
});
const fileVersion = z.object({ id: z.string(), version_id: z.string() });
const fileEnvironment = z.object({ id: z.string(), environment_id: z.string() });
/** Which version is meant: neither means the one deployed to the default environment. */
export const versionQuery = z.object({ version_id: z.string().nullish(), environment: z.string().nullish() });
/** Ours: `user` is the unit by which a running experiment chooses the version, unless the header `x-whetstone-unit` names one. */
const fetchQuery = versionQuery.extend({ user: z.string().max(1_024).nullish() });
const listQuery = z.object({
  page: pageNumber.default(1),
  size: pageSize.default(10),
  name: z.string().nullish(),
  user_filter: z.string().nullish(),
  sort_by: z.enum(['created_at', 'updated_at', 'name']).nullish(),
  order: z.enum(['asc', 'desc']).nullish(),
});
const monitoring = z.object({ activate: z.array(monitorReference).nullish(), deactivate: z.array(monitorReference).nullish() });

/** What every kind of file can do; a kind adds only its kernel and its answer. */
export function kindEndpoints<const Kind extends string, S extends z.ZodRawShape, R extends z.ZodType>(
  plural: Kind,
  one: string,
  kernel: z.ZodObject<S>,
  response: R,
) {
  const tag = plural;
  const an = /^[aeiou]/.test(one) ? `an ${one}` : `a ${one}`;
  const at = `/${plural}`;
  const upsertBody = z.object({ ...upsertCommon, ...kernel.shape });
  const shared = {
    list: endpoint({
      method: 'GET',
      path: at,
      permission: 'fetch',
      tag,
      summary: `List ${plural}`,
      query: listQuery,
      output: page(response),
    }),
    upsert: endpoint({
      method: 'POST',
      path: at,
      permission: 'write',
      tag,
      summary: `Create ${an}, or a new version of it when it exists`,
      body: upsertBody,
      output: response,
    }),
    get: endpoint({
      method: 'GET',
      path: `${at}/{id}`,
      permission: 'fetch',
      tag,
      summary: `Get ${an} as of one of its versions`,
      params: fileId,
      query: fetchQuery,
      output: response,
    }),
    delete: endpoint({
      method: 'DELETE',
      path: `${at}/{id}`,
      permission: 'write',
      tag,
      summary: `Delete ${an} with its versions and logs`,
      params: fileId,
      output: null,
    }),
    move: endpoint({
      method: 'PATCH',
      path: `${at}/{id}`,
      permission: 'write',
      tag,
      summary: `Move, rename or describe ${an}`,
      params: fileId,
      body: filePatch,
      output: response,
    }),
    list_versions: endpoint({
      method: 'GET',
      path: `${at}/{id}/versions`,
      permission: 'fetch',
      tag,
      summary: `List the versions of ${an}, newest first`,
      params: fileId,
      query: z.object({ evaluator_aggregates: flag.nullish(), status: z.string().nullish() }),
      output: z.object({ records: z.array(response) }),
    }),
    delete_version: endpoint({
      method: 'DELETE',
      path: `${at}/{id}/versions/{version_id}`,
      permission: 'write',
      tag,
      summary: 'Delete a version that is deployed nowhere',
      params: fileVersion,
      output: null,
    }),
    update_version: endpoint({
      method: 'PATCH',
      path: `${at}/{id}/versions/{version_id}`,
      permission: 'write',
      tag,
      summary: 'Name or describe a version',
      params: fileVersion,
      body: versionPatch,
      output: response,
    }),
    set_deployment: endpoint({
      method: 'POST',
      path: `${at}/{id}/environments/{environment_id}`,
      permission: 'deploy',
      tag,
      summary: 'Deploy a version to an environment',
      params: fileEnvironment,
      query: z.object({
        version_id: z.string(),
        expected_version_id: z.string().nullish(),
        message: z.string().nullish(),
        /** Ours: an admin's reason for deploying what a gate of the environment refuses. */
        override_gates: z.string().max(2000).nullish(),
      }),
      output: response,
    }),
    remove_deployment: endpoint({
      method: 'DELETE',
      path: `${at}/{id}/environments/{environment_id}`,
      permission: 'deploy',
      tag,
      summary: 'Take what is deployed out of an environment',
      params: fileEnvironment,
      query: z.object({ expected_version_id: z.string().nullish() }),
      output: null,
    }),
    list_environments: endpoint({
      method: 'GET',
      path: `${at}/{id}/environments`,
      permission: 'fetch',
      tag,
      summary: 'List every environment with what is deployed there',
      params: fileId,
      output: z.array(fileEnvironmentResponse),
    }),
    update_monitoring: endpoint({
      method: 'POST',
      path: `${at}/{id}/evaluators`,
      permission: 'write',
      tag,
      summary: `Attach evaluators to ${an}, or detach them`,
      params: fileId,
      body: monitoring,
      output: response,
    }),
    list_deployments: endpoint({
      method: 'GET',
      path: `${at}/{id}/deployments`,
      permission: 'read',
      tag,
      summary: `Deployment history of ${an}, newest first`,
      params: fileId,
      query: z.object({ page: pageNumber.default(1), size: pageSize.default(50), environment_id: z.string().nullish() }),
      output: page(deploymentResponse),
    }),
    diff: endpoint({
      method: 'GET',
      path: `${at}/{id}/diff`,
      permission: 'read',
      tag,
      summary: 'Compare two versions',
      params: fileId,
      query: z.object({ from: z.string(), to: z.string() }),
      output: versionDiff,
    }),
  } as const;
  return Object.fromEntries(Object.entries(shared).map(([verb, e]) => [`${plural}.${verb}`, e])) as {
    [V in keyof typeof shared as `${Kind}.${V & string}`]: (typeof shared)[V];
  };
}

export const fileEndpoints = {
  ...kindEndpoints('prompts', 'prompt', promptKernel, promptResponse),
  ...kindEndpoints('tools', 'tool', toolKernel, toolResponse),
  ...kindEndpoints('evaluators', 'evaluator', evaluatorKernel, evaluatorResponse),
  ...kindEndpoints('flows', 'flow', flowKernel, flowResponse),
  'prompts.populate': endpoint({
    method: 'POST',
    path: '/prompts/{id}/populate',
    permission: 'fetch',
    tag: 'prompts',
    summary: 'Get a prompt with its template filled in',
    params: fileId,
    query: fetchQuery,
    body: jsonObject,
    output: populatedPrompt,
  }),
  'prompts.serialize': endpoint({
    method: 'GET',
    path: '/prompts/{id}/serialize',
    permission: 'fetch',
    tag: 'prompts',
    summary: 'Get a version as .prompt text',
    params: fileId,
    query: versionQuery,
    output: z.string(),
    stream: true,
  }),
  'prompts.deserialize': endpoint({
    method: 'POST',
    path: '/prompts/deserialize',
    permission: 'fetch',
    tag: 'prompts',
    summary: 'Read .prompt text',
    body: z.object({ prompt: z.string() }),
    output: promptKernel,
  }),
  'files.list_files': endpoint({
    method: 'GET',
    path: '/files',
    permission: 'fetch',
    tag: 'files',
    summary: 'List files of every kind',
    query: listQuery.extend({
      path: z.string().nullish(),
      template: flag.nullish(),
      type: many.nullish(),
      environment: z.string().nullish(),
      include_raw_file_content: flag.nullish(),
    }),
    output: page(fileResponse),
  }),
  'files.retrieve_by_path': endpoint({
    method: 'POST',
    path: '/files/retrieve-by-path',
    permission: 'fetch',
    tag: 'files',
    summary: 'Get a file by its path',
    query: z.object({ environment: z.string().nullish(), include_raw_file_content: flag.nullish(), user: z.string().max(1_024).nullish() }),
    body: z.object({ path: z.string() }),
    output: fileResponse,
  }),
  'files.tree': endpoint({
    method: 'GET',
    path: '/files/tree',
    permission: 'read',
    tag: 'files',
    summary: 'Every directory and file in brief, for a tree',
    output: z.object({
      directories: z.array(directoryResponse),
      files: z.array(
        z.object({
          id: z.string(),
          type: z.string(),
          path: z.string(),
          name: z.string(),
          directory_id: z.string().nullable(),
          updated_at: z.string(),
          version_id: z.string(),
          content_hash: z.string(),
        }),
      ),
    }),
  }),
  'directories.list': endpoint({
    method: 'GET',
    path: '/directories',
    permission: 'read',
    tag: 'directories',
    summary: 'List all directories',
    output: z.array(directoryResponse),
  }),
  'directories.create': endpoint({
    method: 'POST',
    path: '/directories',
    permission: 'write',
    tag: 'directories',
    summary: 'Create a directory',
    status: 201,
    body: directoryRequest,
    output: directoryResponse,
  }),
  'directories.get': endpoint({
    method: 'GET',
    path: '/directories/{id}',
    permission: 'read',
    tag: 'directories',
    summary: 'Get a directory with what is in it (`root` is the top)',
    params: fileId,
    output: directoryDetail,
  }),
  'directories.delete': endpoint({
    method: 'DELETE',
    path: '/directories/{id}',
    permission: 'write',
    tag: 'directories',
    summary: 'Delete an empty directory',
    params: fileId,
    output: null,
  }),
  'directories.update': endpoint({
    method: 'PATCH',
    path: '/directories/{id}',
    permission: 'write',
    tag: 'directories',
    summary: 'Move, rename or describe a directory',
    params: fileId,
    body: directoryRequest,
    output: directoryResponse,
  }),
} as const;
