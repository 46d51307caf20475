import { z } from 'zod';
import { chatMessage, toolChoice } from './chat.ts';
import { agentResponse, evaluatorResponse, experimentAssignment, fileKind, flowResponse, promptResponse, toolResponse } from './files.ts';
import { jsonObject, moment } from './json.ts';
import { evaluatorSpec, flowKernel, promptKernel, toolKernel } from './kernels.ts';
import { origins } from './origins.ts';
import { flag, many, pageNumber, pageSize } from './query.ts';

export const logStatus = z.enum(['complete', 'incomplete']);
export const judgmentValue = z.union([z.boolean(), z.string(), z.array(z.string()), z.number()]);
export type JudgmentValue = z.infer<typeof judgmentValue>;

/** How a corrected text differs from the answer. */
export const editMeasures = z.object({
  /** Normalised edit distance in characters, 0 (untouched) to 1: the amount edited. */
  amount: z.number(),
  /** Share of the answer's words that were kept. */
  kept: z.number(),
  /** The smallest unit that explains the edit. */
  kind: z.enum(['none', 'characters', 'words', 'lines', 'rewritten']),
  inserted: z.int(),
  deleted: z.int(),
});
export type EditMeasures = z.infer<typeof editMeasures>;

/** What any logged call carries. */
export const logBase = {
  start_time: moment.nullish(),
  end_time: moment.nullish(),
  output: z.string().nullish(),
  created_at: moment.nullish(),
  error: z.string().nullish(),
  provider_latency: z.number().nullish(),
  stdout: z.string().nullish(),
  provider_request: jsonObject.nullish(),
  provider_response: jsonObject.nullish(),
  inputs: jsonObject.nullish(),
  source: z.string().nullish(),
  metadata: jsonObject.nullish(),
};
/** What ties a log to others. `session` and `reference_id` are ours. */
export const logLink = {
  source_datapoint_id: z.string().nullish(),
  trace_parent_id: z.string().nullish(),
  user: z.string().nullish(),
  environment: z.string().nullish(),
  save: z.boolean().nullish(),
  log_id: z.string().nullish(),
  session: z.string().nullish(),
  reference_id: z.string().nullish(),
};
/** What a model call adds. */
export const modelCall = {
  output_message: chatMessage.nullish(),
  prompt_tokens: z.int().nullish(),
  reasoning_tokens: z.int().nullish(),
  output_tokens: z.int().nullish(),
  prompt_cost: z.number().nullish(),
  output_cost: z.number().nullish(),
  finish_reason: z.string().nullish(),
  messages: z.array(chatMessage).nullish(),
  tool_choice: toolChoice.nullish(),
};
const target = { path: z.string().nullish(), id: z.string().nullish(), run_id: z.string().nullish() };
const status = { log_status: logStatus.nullish(), trace_status: logStatus.nullish() };

export const promptLogRequest = z.object({
  ...target,
  ...modelCall,
  ...logBase,
  ...logLink,
  ...status,
  prompt: z.union([promptKernel, z.string()]).nullish(),
});
export const promptLogPatch = z.object({ ...modelCall, ...logBase, ...status });
export const toolLogRequest = z.object({
  ...target,
  ...logBase,
  ...logLink,
  ...status,
  tool: toolKernel.nullish(),
  output_message: chatMessage.nullish(),
});
export const toolLogPatch = z.object({ ...logBase, ...status, output_message: chatMessage.nullish() });
export const flowLogRequest = z.object({
  ...target,
  ...logBase,
  ...logLink,
  ...status,
  messages: z.array(chatMessage).nullish(),
  output_message: chatMessage.nullish(),
  flow: flowKernel.nullish(),
});
/** Of the root of a trace, a flow's or an agent's. Here a null output or error means "unset it". */
export const traceLogPatch = z.object({
  messages: z.array(chatMessage).nullish(),
  output_message: chatMessage.nullish(),
  inputs: jsonObject.nullish(),
  output: z.string().nullish(),
  error: z.string().nullish(),
  metadata: jsonObject.nullish(),
  start_time: moment.nullish(),
  end_time: moment.nullish(),
  ...status,
});
export const evaluatorLogRequest = z.object({
  path: z.string().nullish(),
  id: z.string().nullish(),
  ...logBase,
  ...logLink,
  parent_id: z.string(),
  judgment: judgmentValue.nullish(),
  output_message: chatMessage.nullish(),
  marked_completed: z.boolean().nullish(),
  spec: evaluatorSpec.nullish(),
});
export type PromptLogRequest = z.infer<typeof promptLogRequest>;
export type ToolLogRequest = z.infer<typeof toolLogRequest>;
export type FlowLogRequest = z.infer<typeof flowLogRequest>;
export type EvaluatorLogRequest = z.infer<typeof evaluatorLogRequest>;

export const promptCallRequest = z.object({
  path: z.string().nullish(),
  id: z.string().nullish(),
  prompt: z.union([promptKernel, z.string()]).nullish(),
  messages: z.array(chatMessage).nullish(),
  tool_choice: toolChoice.nullish(),
  inputs: jsonObject.nullish(),
  source: z.string().nullish(),
  metadata: jsonObject.nullish(),
  start_time: moment.nullish(),
  end_time: moment.nullish(),
  /** Override stored credentials for this call; never stored. */
  provider_api_keys: z.record(z.string(), z.string().nullish()).nullish(),
  num_samples: z.int().min(1).max(50).nullish(),
  return_inputs: z.boolean().nullish(),
  logprobs: z.int().nullish(),
  suffix: z.string().nullish(),
  stream: z.boolean().nullish(),
  ...logLink,
  /** Ours: run the given kernel as a draft; it leaves an uncommitted version and origin `playground`. */
  draft: z.boolean().nullish(),
  /** Ours: the log that this call reruns with a change. */
  counterfactual_of: z.string().nullish(),
});
export type PromptCallRequest = z.infer<typeof promptCallRequest>;

export const callLog = z.object({
  index: z.int(),
  output: z.string().nullable(),
  created_at: z.string().nullable(),
  error: z.string().nullable(),
  provider_latency: z.number().nullable(),
  stdout: z.string().nullable(),
  output_message: chatMessage.nullable(),
  prompt_tokens: z.int().nullable(),
  reasoning_tokens: z.int().nullable(),
  output_tokens: z.int().nullable(),
  prompt_cost: z.number().nullable(),
  output_cost: z.number().nullable(),
  finish_reason: z.string().nullable(),
  /** Ours: id of this sample's own log (the first equals the call's id). */
  log_id: z.string(),
});
export const promptCallResponse = z
  .object({
    /** Ours: which arm of a running experiment the call got. */
    experiment: experimentAssignment.nullish(),
    id: z.string(),
    log_id: z.string(),
    trace_id: z.string().nullable(),
    prompt: promptResponse,
    inputs: jsonObject.nullable(),
    messages: z.array(chatMessage).nullable(),
    tool_choice: toolChoice.nullable(),
    source: z.string().nullable(),
    metadata: jsonObject.nullable(),
    start_time: z.string().nullable(),
    end_time: z.string().nullable(),
    source_datapoint_id: z.string().nullable(),
    trace_parent_id: z.string().nullable(),
    user: z.string().nullable(),
    environment: z.string().nullable(),
    save: z.boolean(),
    logs: z.array(callLog),
  })
  .meta({ id: 'PromptCallResponse' });

const logCommon = {
  id: z.string(),
  type: fileKind,
  start_time: z.string().nullable(),
  end_time: z.string().nullable(),
  output: z.string().nullable(),
  created_at: z.string(),
  error: z.string().nullable(),
  provider_latency: z.number().nullable(),
  stdout: z.string().nullable(),
  provider_request: jsonObject.nullable(),
  provider_response: jsonObject.nullable(),
  inputs: jsonObject.nullable(),
  source: z.string().nullable(),
  metadata: jsonObject.nullable(),
  source_datapoint_id: z.string().nullable(),
  trace_parent_id: z.string().nullable(),
  trace_id: z.string().nullable(),
  trace_flow_id: z.string().nullable(),
  user: z.string().nullable(),
  environment: z.string().nullable(),
  save: z.boolean(),
  log_id: z.string(),
  batches: z.array(z.string()),
  log_status: logStatus.nullable(),
  output_message: chatMessage.nullable(),
  // Ours, on every log:
  origin: z.enum(origins),
  status: z.enum(['ok', 'error', 'cancelled', 'incomplete']),
  session: z.string().nullable(),
  reference_id: z.string().nullable(),
  counterfactual_of: z.string().nullable(),
  /** Ours: the experiment that it is of; the arm is its id, or `~no_unit`, `~off`, `~forced`, `~hold_out`. */
  experiment_id: z.string().nullish(),
  arm_id: z.string().nullish(),
  unit: z.string().nullish(),
  model: z.string().nullable(),
  provider_name: z.string().nullable(),
  latency_ms: z.number().nullable(),
  first_token_ms: z.number().nullable(),
  cost_usd: z.number().nullable(),
  /** Tokens or cost were estimated by us, not counted by the provider. */
  estimated: z.boolean(),
  input_preview: z.string(),
  output_preview: z.string(),
  /** NUL or malformed text in what the caller sent was replaced. */
  text_repaired: z.boolean(),
  /** Payloads are absent: `save: false`, retention, or a summary. */
  payload: z.enum(['full', 'summary', 'dropped']),
};
const modelFields = {
  prompt_tokens: z.int().nullable(),
  reasoning_tokens: z.int().nullable(),
  output_tokens: z.int().nullable(),
  prompt_cost: z.number().nullable(),
  output_cost: z.number().nullable(),
  finish_reason: z.string().nullable(),
  messages: z.array(chatMessage).nullable(),
  tool_choice: toolChoice.nullable(),
};

export const evaluatorLogResponse = z
  .object({
    ...logCommon,
    parent_id: z.string().nullable(),
    judgment: judgmentValue.nullable(),
    /** Ours: who judged (a colleague, an end user, a model …), and what kind of judge that is. */
    judge: z.string().nullish(),
    judgment_source: z.enum(['code', 'llm', 'human', 'user', 'external']).nullish(),
    /** Ours: of a correction, how it differs from the answer. */
    edit: editMeasures.nullish(),
    marked_completed: z.boolean().nullable(),
    evaluator: evaluatorResponse,
    evaluator_logs: z.array(z.unknown()),
    trace_children: z.array(z.unknown()).nullish(),
  })
  .meta({ id: 'EvaluatorLogResponse' });
const children = { evaluator_logs: z.array(evaluatorLogResponse), trace_children: z.array(z.unknown()).nullish() };
export const promptLogResponse = z
  .object({ ...logCommon, ...modelFields, ...children, prompt: promptResponse })
  .meta({ id: 'PromptLogResponse' });
export const toolLogResponse = z.object({ ...logCommon, ...children, tool: toolResponse }).meta({ id: 'ToolLogResponse' });
export const flowLogResponse = z
  .object({ ...logCommon, ...children, messages: z.array(chatMessage).nullable(), flow: flowResponse })
  .meta({ id: 'FlowLogResponse' });
export const agentLogResponse = z
  .object({ ...logCommon, ...modelFields, ...children, agent: agentResponse })
  .meta({ id: 'AgentLogResponse' });
export const logResponse = z.union([promptLogResponse, toolLogResponse, evaluatorLogResponse, flowLogResponse, agentLogResponse]);
export type LogResponse = z.infer<typeof logResponse>;
export type AgentLogResponse = z.infer<typeof agentLogResponse>;
export type PromptLogResponse = z.infer<typeof promptLogResponse>;
export type EvaluatorLogResponse = z.infer<typeof evaluatorLogResponse>;

/** Filters shared by the list, the histogram, the export and bulk deletion. */
export const logFilters = {
  file_id: many.nullish(),
  version_id: many.nullish(),
  id: many.nullish(),
  search: z.string().nullish(),
  metadata_search: z.string().nullish(),
  start_date: moment.nullish(),
  end_date: moment.nullish(),
  in_trace_filter: z.union([z.array(flag), flag.transform((v) => [v])]).nullish(),
  version_status: z.enum(['uncommitted', 'committed', 'deleted']).nullish(),
  /** Ours: the filter language of the logs page (domain/src/log-filter.ts). */
  filter: z.string().nullish(),
  kind: many.nullish(),
  environment: many.nullish(),
  status: many.nullish(),
  model: many.nullish(),
  user: many.nullish(),
  session: many.nullish(),
  origin: many.nullish(),
  trace_id: z.string().nullish(),
  counterfactual_of: z.string().nullish(),
};
export const logListQuery = z.object({
  ...logFilters,
  page: pageNumber.default(1),
  size: pageSize.default(10),
  include_parent: flag.nullish(),
  include_trace_children: flag.nullish(),
  sample: z.coerce.number().int().min(1).nullish(),
  /** Ours: list columns and previews only; payloads are not read. */
  summary: flag.nullish(),
  /** Ours: rows older than this log (`at`, id), for lists that do not count pages. */
  before: z.string().nullish(),
  /** Ours: `false` leaves `total` at -1 and saves the count. */
  count: flag.nullish(),
  sort: z.enum(['at', '-at', 'latency', '-latency', 'cost', '-cost']).nullish(),
});
export type LogListQuery = z.infer<typeof logListQuery>;

/** Calls over time in equal buckets. */
export const logSeries = z
  .object({
    bucket_seconds: z.int(),
    start: z.string(),
    end: z.string(),
    groups: z.array(
      z.object({
        /** Value of the column grouped by; "" when not grouped. */
        key: z.string(),
        /** One entry per bucket from `start`, empty buckets included. */
        count: z.array(z.int()),
        errors: z.array(z.int()),
        cost_usd: z.array(z.number()),
        latency_p50_ms: z.array(z.number().nullable()),
        latency_p95_ms: z.array(z.number().nullable()),
        tokens: z.array(z.int()),
      }),
    ),
  })
  .meta({ id: 'LogSeries' });

export const logFacets = z.object({
  facets: z.record(z.string(), z.array(z.object({ value: z.string(), label: z.string().nullable(), count: z.int() }))),
});
