import { fileKinds, type FileKind, type Kernels, kernelSchemas, keyRoles, origins, stopReasons, toolChoice } from '@whetstone/contract';
import { z } from 'zod';

/** The records of an export as far as they are read, lax about the rest: they are v5's answers. */

const text = z.string().nullish();
/** Without a zone it is UTC. */
export const moment = z
  .string()
  .transform((value) => new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(value) ? value : `${value}Z`))
  .refine((value) => !Number.isNaN(value.getTime()), 'is no date');
const date = moment.nullish();
export const personShape = z.union([z.string(), z.looseObject({ email_address: text, full_name: text, id: text })]).nullish();
const object = z.record(z.string(), z.unknown()).nullish();
const messages = z.array(z.looseObject({ role: z.string() })).nullish();

export const fileShape = z.looseObject({
  id: z.string().min(1).max(200),
  type: z.enum(fileKinds),
  path: z.string().min(1),
  description: text,
  readme: text,
  tags: z.array(z.string()).nullish(),
  created_at: date,
  updated_at: date,
  created_by: personShape,
  evaluators: z.array(z.unknown()).nullish(),
  /** Of an export of ours: what nobody saved, and the ids of versions, oldest first. */
  hidden: z.boolean().nullish(),
  versions: z.array(z.string()).nullish().catch(null),
});
export type ExportedPerson = z.output<typeof personShape>;
export const versionShape = z.looseObject({
  version_id: z.string().min(1).max(200),
  version_name: text,
  version_description: text,
  commit_message: text,
  created_at: date,
  updated_at: date,
  committed_at: date,
  created_by: personShape,
  status: z.enum(['committed', 'uncommitted', 'deleted']).nullish().catch(null),
  parent_version_id: text,
  evaluators: z.array(z.unknown()).nullish().catch(null),
});
export type ExportedVersion = z.output<typeof versionShape>;
export const deploymentsShape = z.array(
  z.looseObject({ version_id: z.string(), environment_name: z.string().min(1), environment_tag: text }),
);
/** An evaluator attached to a file. */
export const monitorShape = z.looseObject({
  version_reference: z.union([
    z.looseObject({ type: z.literal('version'), version: z.looseObject({ id: z.string(), version_id: z.string() }) }),
    z.looseObject({
      type: z.literal('environment'),
      file: z.looseObject({ id: z.string() }),
      environment: z.looseObject({ name: z.string() }),
    }),
  ]),
  state: z.enum(['active', 'inactive']).nullish().catch(null),
  created_at: date,
  created_by: personShape,
  updated_at: date,
  // Ours:
  id: text,
  environment: z.looseObject({ name: z.string() }).nullish(),
  filter: text,
  rate: z.number().positive().max(1).nullish(),
  budget_usd: z.number().nonnegative().nullish(),
});
export const evaluationShape = z.looseObject({
  id: z.string().min(1).max(200),
  name: text,
  evaluators: z.array(
    z.looseObject({ version: z.looseObject({ version_id: z.string() }).nullish(), orchestrated: z.boolean().nullish(), added_at: date }),
  ),
  created_at: date,
  created_by: personShape,
  updated_at: date,
  runs: z.array(z.string()).nullish().catch(null),
  // Ours:
  report: z
    .object({
      primary_evaluator_version_id: z.string().nullable(),
      margin: z.number().positive().nullable(),
      hard_rules: z.array(z.object({ evaluator_version_id: z.string(), at_least: z.number().nullable(), at_most: z.number().nullable() })),
      chosen_at: moment,
      chosen_by: personShape,
    })
    .nullish(),
  results: z.array(z.object({ run_id: z.string(), branch: z.string().min(1), commit: text, url: text, created_at: moment })).nullish(),
});
const versionStub = z.looseObject({ version_id: z.string() }).nullish();
export const runShape = z.looseObject({
  id: z.string().min(1).max(200),
  dataset: versionStub,
  version: versionStub,
  orchestrated: z.boolean().nullish(),
  added_at: date,
  created_at: date,
  created_by: personShape,
  status: text,
  control: z.boolean().nullish(),
  ended: z.enum(['completed', 'cancelled']).nullish(),
  // Ours:
  repetitions: z.int().positive().nullish(),
  cached: z.boolean().nullish(),
  concurrency: z.int().positive().nullish(),
  max_cost_usd: z.number().nonnegative().nullish(),
  spent_usd: z.number().nonnegative().nullish(),
  unpriced_calls: z.int().nonnegative().nullish(),
  stopped_because: z.enum(stopReasons).nullish(),
  stopped_message: text,
  started_by: z.object({ id: z.string(), name: z.string(), role: z.enum(keyRoles) }).nullish(),
});
/** A log in a run. Vendor's exports have all of it, ours its id. */
export const runLogShape = z.looseObject({
  run_id: z.string(),
  log: z.looseObject({ id: z.string(), created_at: date, batches: z.array(z.string()).nullish() }),
});
/** One call that the server makes in a run; without an outcome it waits. */
export const runItemShape = z.looseObject({
  run_id: z.string(),
  datapoint_id: z.string(),
  repetition: z.int().nonnegative(),
  position: z.int().nonnegative(),
  log_id: z.string(),
  outcome: z.enum(['ok', 'failed', 'cached', 'gone']).nullish(),
  content_key: z.string().nullish(),
});
export const datapointShape = z.looseObject({
  id: z.string(),
  inputs: object,
  messages,
  target: object,
  metadata: object,
  split: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
});

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
  // Ours:
  status: z.enum(['ok', 'error', 'cancelled', 'incomplete']).nullish().catch(null),
  origin: z.enum(origins).nullish().catch(null),
  save: z.boolean().nullish().catch(null),
  session: text,
  unit: text,
  reference_id: text,
  model: text,
  provider_name: text,
  latency_ms: z.number().nullish(),
  first_token_ms: z.number().nullish(),
  cached_tokens: z.int().nonnegative().nullish(),
  estimated: z.boolean().nullish(),
  text_repaired: z.boolean().nullish(),
  late: z.boolean().nullish(),
  counterfactual_of: text,
  key_id: text,
  experiment_id: text,
  arm_id: text,
  judgment_source: z.enum(['code', 'llm', 'human', 'user', 'external']).nullish().catch(null),
  judge: text,
  reason: text,
  judgment: z.union([z.boolean(), z.number(), z.string(), z.array(z.string())]).nullish(),
  trace_children: z.array(z.unknown()).nullish(),
  evaluator_logs: z.array(z.unknown()).nullish(),
});
export type ExportedLog = z.output<typeof logShape>;

/**
 * What makes the version of a file of a kind; a dataset's follows from its datapoints too.
 * @param exact the record is ours: what the kernel says stays as it is, to the order of its keys
 */
export function kernelOf(kind: FileKind, version: Record<string, unknown>, exact: boolean): Kernels[FileKind] {
  if (kind === 'dataset') return { attributes: object.parse(version['attributes']) ?? null };
  const { linked_tools } = version;
  const links = Array.isArray(linked_tools) ? linked_tools.flatMap((tool) => linkedVersion(tool)) : null;
  const withLinks = links === null ? version : { ...version, linked_tools: links };
  const kernel: Kernels[FileKind] = kernelSchemas[kind].parse(withLinks);
  if (!exact) return kernel;
  const said: object = Object.fromEntries(Object.entries(withLinks).filter(([key]) => Object.hasOwn(kernel, key)));
  return said;
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
