import { fileKinds, type FileKind, type Kernels, kernelSchemas, toolChoice } from '@whetstone/contract';
import { z } from 'zod';

/** The records of an export as far as they are read, lax about the rest: they are v5's answers. */

const text = z.string().nullish();
const date = z
  .string()
  .transform((value) => new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(value) ? value : `${value}Z`))
  .refine((value) => !Number.isNaN(value.getTime()), 'is no date')
  .nullish();
const person = z.union([z.string(), z.looseObject({ email_address: text, full_name: text, id: text })]).nullish();
const object = z.record(z.string(), z.unknown()).nullish();
const messages = z.array(z.looseObject({ role: z.string() })).nullish();

export const fileShape = z.looseObject({
  id: z.string().min(1).max(200),
  type: z.enum(fileKinds),
  path: z.string().min(1),
  description: text,
  readme: text,
  tags: z.array(z.string()).nullish(),
});
export const versionShape = z.looseObject({
  version_id: z.string().min(1).max(200),
  version_name: text,
  version_description: text,
  commit_message: text,
  created_at: date,
  updated_at: date,
  created_by: person,
  evaluators: z.array(z.looseObject({})).nullish(),
});
export type ExportedVersion = z.output<typeof versionShape>;
export const deploymentsShape = z.array(
  z.looseObject({ version_id: z.string(), environment_name: z.string().min(1), environment_tag: text }),
);
export const datapointShape = z.looseObject({ id: z.string(), inputs: object, messages, target: object });

const named = z.looseObject({ id: z.string(), version_id: z.string() }).nullish();
export const logShape = z.looseObject({
  id: z.string().min(1),
  type: text,
  created_at: date,
  start_time: date,
  end_time: date,
  output: text,
  output_message: z.looseObject({ role: z.string() }).nullish(),
  messages,
  inputs: object,
  error: text,
  stdout: text,
  source: text,
  metadata: object,
  provider_latency: z.number().nullish(),
  provider_request: object,
  provider_response: object,
  prompt_tokens: z.int().nonnegative().nullish(),
  output_tokens: z.int().nonnegative().nullish(),
  reasoning_tokens: z.int().nonnegative().nullish(),
  prompt_cost: z.number().nullish(),
  output_cost: z.number().nullish(),
  finish_reason: text,
  tool_choice: toolChoice.nullish().catch(null),
  source_datapoint_id: text,
  trace_parent_id: text,
  trace_id: text,
  trace_flow_id: text,
  user: text,
  environment: text,
  log_status: z.enum(['complete', 'incomplete']).nullish().catch(null),
  batches: z.array(z.string()).nullish(),
  prompt: named,
  tool: named,
  flow: named,
  agent: named,
  evaluator: named,
  parent_id: text,
  judgment: z.union([z.boolean(), z.number(), z.string(), z.array(z.string())]).nullish(),
  trace_children: z.array(z.unknown()).nullish(),
  evaluator_logs: z.array(z.unknown()).nullish(),
});
export type ExportedLog = z.output<typeof logShape>;

/** What makes the version of a file of a kind; null: a dataset's follows from its datapoints. */
export function kernelOf(kind: FileKind, version: Record<string, unknown>): Kernels[FileKind] | null {
  const { linked_tools } = version;
  const links = Array.isArray(linked_tools) ? linked_tools.flatMap((tool) => linkedVersion(tool)) : null;
  const withLinks = links === null ? version : { ...version, linked_tools: links };
  return kind === 'dataset' ? null : kernelSchemas[kind].parse(withLinks);
}

function linkedVersion(tool: unknown): string[] {
  if (typeof tool === 'string') return [tool];
  const { version_id: version, id } = (tool ?? {}) as { version_id?: unknown; id?: unknown };
  return typeof version === 'string' ? [version] : typeof id === 'string' ? [id] : [];
}

/** The place and the words of the first thing that is wrong. */
export function whyNot(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return issue === undefined ? 'it has another shape' : `\`${issue.path.join('.') || 'it'}\`: ${issue.message}`;
  }
  return error instanceof Error ? error.message : String(error);
}
