import { z } from 'zod';
import { chatMessage, toolFunction } from './chat.ts';
import { datapointResponse } from './datasets.ts';
import { jsonObject } from './json.ts';
import {
  agentInlineTool,
  agentKernel,
  agentLinkedFile,
  evaluatorSpec,
  fileKinds,
  flowKernel,
  promptKernel,
  template,
  toolKernel,
} from './kernels.ts';

/** Files as v5 answers them. Keys beyond v5's are ours and additional. */

export const fileKind = z.enum(fileKinds);

/** A page of `size` records starting at `(page - 1) * size`; past the end it is empty, never an error. */
export function page<T extends z.ZodType>(record: T) {
  return z.object({ records: z.array(record), page: z.int(), size: z.int(), total: z.int() });
}

export const person = z.object({ id: z.string(), full_name: z.string().nullable(), email_address: z.string().nullable() });

export const environmentResponse = z
  .object({
    id: z.string(),
    name: z.string(),
    tag: z.enum(['default', 'other']),
    created_at: z.string(),
    /** Ours: deploying there needs an admin. */
    protected: z.boolean(),
  })
  .meta({ id: 'EnvironmentResponse' });
export type EnvironmentResponse = z.infer<typeof environmentResponse>;

const fileCommon = {
  path: z.string(),
  id: z.string(),
  directory_id: z.string().nullable(),
  name: z.string(),
  description: z.string().nullable(),
  readme: z.string().nullable(),
  tags: z.array(z.string()),
  schema: jsonObject.nullable(),
  version_id: z.string(),
  version_name: z.string().nullable(),
  version_description: z.string().nullable(),
  environments: z.array(environmentResponse),
  created_at: z.string(),
  updated_at: z.string(),
  created_by: person.nullable(),
  committed_by: person.nullable(),
  committed_at: z.string().nullable(),
  last_used_at: z.string(),
  status: z.enum(['uncommitted', 'committed', 'deleted']),
  version_logs_count: z.int(),
  total_logs_count: z.int(),
  inputs: z.array(z.object({ name: z.string() })),
  evaluators: z.array(jsonObject),
  evaluator_aggregates: z.array(jsonObject),
  attributes: jsonObject.nullable(),
  /** Ours: SHA-256 of the canonical content; colour and diff use it. */
  content_hash: z.string(),
  /** Ours: when this version was made. */
  version_created_at: z.string(),
  /** Ours: the version this one was edited from, when known. */
  parent_version_id: z.string().nullable(),
};

const linkedTool = toolFunction.extend({ id: z.string(), version_id: z.string() });

/** What answers carry that ask for a version with a unit. */
export const experimentAssignment = z
  .object({
    id: z.string(),
    /** Id of an arm, or `~hold_out`. */
    arm: z.string(),
    /** Probability of this arm among those that take part; 1 where it was not left to chance. */
    propensity: z.number(),
    /** Under which a log is to be filed that the caller makes itself. */
    environment: z.string().nullish(),
  })
  .meta({ id: 'ExperimentAssignment' });
export type ExperimentAssignment = z.infer<typeof experimentAssignment>;

export const promptResponse = z
  .object({
    ...fileCommon,
    ...promptKernel.omit({ linked_tools: true, attributes: true, provider: true }).shape,
    type: z.literal('prompt'),
    /** Ours: with a unit, which arm of a running experiment this version is. */
    experiment: experimentAssignment.nullish(),
    provider: z.string().nullable(),
    /** Ours: the provider or credential as the version has it; `provider` is null when v5 has no such name. */
    provider_name: z.string().nullable(),
    linked_tools: z.array(linkedTool).nullable(),
    raw_file_content: z.string().nullish(),
  })
  .meta({ id: 'PromptResponse' });
export type PromptResponse = z.infer<typeof promptResponse>;

export const populatedPrompt = promptResponse.extend({ populated_template: template.nullable() }).meta({ id: 'PopulateTemplateResponse' });

export const toolResponse = z
  .object({
    ...fileCommon,
    ...toolKernel.omit({ attributes: true }).shape,
    type: z.literal('tool'),
    signature: z.string().nullable(),
    /** Ours: the type as the version has it; `tool_type` is null when v5 has no such name. */
    tool_type_name: z.string().nullable(),
  })
  .meta({ id: 'ToolResponse' });
export type ToolResponse = z.infer<typeof toolResponse>;

export const evaluatorResponse = z
  .object({ ...fileCommon, type: z.literal('evaluator'), spec: evaluatorSpec })
  .meta({ id: 'EvaluatorResponse' });
export type EvaluatorResponse = z.infer<typeof evaluatorResponse>;

export const flowResponse = z
  .object({ ...fileCommon, ...flowKernel.omit({ attributes: true }).shape, type: z.literal('flow'), attributes: jsonObject })
  .meta({ id: 'FlowResponse' });
export type FlowResponse = z.infer<typeof flowResponse>;

export const agentResponse = z
  .object({
    ...fileCommon,
    ...agentKernel.omit({ attributes: true, provider: true }).shape,
    type: z.literal('agent'),
    /** Ours: with a unit, which arm of a running experiment this version is. */
    experiment: experimentAssignment.nullish(),
    provider: z.string().nullable(),
    /** Ours: the provider or credential as the version has it; `provider` is null when v5 has no such name. */
    provider_name: z.string().nullable(),
    /** A linked tool has its file as `file`, when that is still there. */
    tools: z.array(z.union([agentLinkedFile.extend({ file: jsonObject.nullish() }), agentInlineTool])),
    raw_file_content: z.string().nullish(),
  })
  .meta({ id: 'AgentResponse' });
export type AgentResponse = z.infer<typeof agentResponse>;

export const datasetResponse = z
  .object({
    ...fileCommon,
    type: z.literal('dataset'),
    datapoints_count: z.int(),
    /** All of them, in order, when they were asked for; else null. */
    datapoints: z.array(datapointResponse).nullable(),
  })
  .meta({ id: 'DatasetResponse' });
export type DatasetResponse = z.infer<typeof datasetResponse>;

export const fileResponse = z.discriminatedUnion('type', [
  promptResponse,
  toolResponse,
  datasetResponse,
  evaluatorResponse,
  flowResponse,
  agentResponse,
]);
export type FileResponse = z.infer<typeof fileResponse>;

export const fileEnvironmentResponse = environmentResponse
  .extend({ file: fileResponse.nullable() })
  .meta({ id: 'FileEnvironmentResponse' });

/** What every upsert takes beside the kernel. A file is named by `path` or `id`, not both. */
export const upsertCommon = {
  path: z.string().nullish(),
  id: z.string().nullish(),
  version_name: z.string().nullish(),
  version_description: z.string().nullish(),
  description: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  readme: z.string().nullish(),
  /** Ours: the version that was edited. */
  parent_version_id: z.string().nullish(),
};

/** An evaluator's version, or whatever of it is deployed in an environment. */
export const monitorReference = z
  .object({ evaluator_version_id: z.string().nullish(), evaluator_id: z.string().nullish(), environment_id: z.string().nullish() })
  .refine(
    ({ evaluator_version_id, evaluator_id, environment_id }) =>
      evaluator_version_id != null ? evaluator_id == null : evaluator_id != null && environment_id != null,
    'Name `evaluator_version_id`, or `evaluator_id` with `environment_id`.',
  );
export type MonitorReference = z.infer<typeof monitorReference>;

export const versionPatch = z.object({ name: z.string().nullish(), description: z.string().nullish() });
export const filePatch = z.object({
  path: z.string().nullish(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  readme: z.string().nullish(),
});

export const directoryResponse = z
  .object({
    id: z.string(),
    parent_id: z.string().nullable(),
    name: z.string(),
    description: z.string().nullable(),
    path: z.string(),
    readme: z.string().nullable(),
    tags: z.array(z.string()),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'DirectoryResponse' });
export const directoryDetail = directoryResponse
  .extend({ subdirectories: z.array(directoryResponse), files: z.array(fileResponse), parents: z.array(directoryResponse) })
  .meta({ id: 'DirectoryWithParentsAndChildrenResponse' });

/** One line of a file's deployment history, newest first. */
export const deploymentResponse = z
  .object({
    id: z.string(),
    environment: environmentResponse,
    version_id: z.string().nullable(),
    previous_version_id: z.string().nullable(),
    content_hash: z.string().nullable(),
    version_name: z.string().nullable(),
    action: z.enum(['deploy', 'roll_back', 'remove', 'first']),
    message: z.string().nullable(),
    created_at: z.string(),
    created_by: person.nullable(),
  })
  .meta({ id: 'DeploymentResponse' });

export const versionDiff = z
  .object({
    from: z.string(),
    to: z.string(),
    changes: z.array(
      z.object({ path: z.string(), kind: z.enum(['added', 'removed', 'changed']), before: z.unknown(), after: z.unknown() }),
    ),
    from_text: z.string(),
    to_text: z.string(),
  })
  .meta({ id: 'VersionDiff' });

export const chatMessages = z.array(chatMessage);
