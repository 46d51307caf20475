import type { ChatMessage, Origin, ToolChoice } from '@whetstone/contract';
import { setOwn } from '@whetstone/domain';
import type { LogKind, LogState, RecordedLog, StoredLog } from '../index.ts';

/** Fields that only detail reads touch, in the order of the table. */
export const payloadFields = [
  'inputs',
  'messages',
  'output',
  'output_message',
  'tool_choice',
  'error',
  'stdout',
  'provider_request',
  'provider_response',
] as const;
export type PayloadField = (typeof payloadFields)[number];

/** Between what went in and what came out in `search_text`. */
export const searchSeparator = '\u001e';

/** Where a string was cut out of the payload, and the blob that holds it. */
export interface BlobPlace {
  path: (string | number)[];
  sha256: string;
}

export interface Payload {
  inputs: Record<string, unknown> | null;
  messages: ChatMessage[] | null;
  output: string | null;
  output_message: ChatMessage | null;
  /** In a list of one, so that a word and an object have the same type in the store. */
  tool_choice: [ToolChoice] | null;
  error: string | null;
  stdout: string | null;
  provider_request: Record<string, unknown> | null;
  provider_response: Record<string, unknown> | null;
  blobs: BlobPlace[];
}

/** One row of table `logs` as it is queued: a line of JSON with these keys. Absent text is '', absent numbers are null. */
export interface LogRow extends Payload {
  workspace_id: string;
  id: string;
  /** Microseconds since 1970. */
  at: number;
  row_version: number;
  deleted: 0 | 1;
  received_at: number;
  kind: LogKind;
  file_id: string;
  version_id: string;
  content_hash: string;
  environment_id: string;
  origin: Origin;
  status: LogState;
  log_status: '' | 'complete' | 'incomplete';
  late: 0 | 1;
  parent_id: string;
  trace_id: string;
  run_id: string;
  datapoint_id: string;
  key_id: string;
  experiment_id: string;
  arm_id: string;
  counterfactual_of: string;
  /** Microseconds since 1970. */
  start_time: number | null;
  end_time: number | null;
  model: string;
  provider: string;
  prompt_tokens: number | null;
  output_tokens: number | null;
  reasoning_tokens: number | null;
  cached_tokens: number | null;
  prompt_cost: number | null;
  output_cost: number | null;
  cost_usd: number | null;
  estimated: 0 | 1;
  finish_reason: string;
  latency_ms: number | null;
  first_token_ms: number | null;
  end_user: string;
  session: string;
  unit: string;
  reference_id: string;
  source: string;
  /** The metadata flattened to text, to filter by. */
  metadata: Record<string, string>;
  metadata_json: Record<string, unknown> | null;
  input_preview: string;
  output_preview: string;
  keep: 0 | 1;
  text_repaired: 0 | 1;
  blob_hashes: string[];
  search_text: string;
}

export type SummaryRow = Omit<LogRow, keyof Payload | 'search_text' | 'blob_hashes' | 'metadata'>;

/** Kinds whose logs are the roots of traces, be there anything below them or not. */
export function isTrace(kind: LogKind): boolean {
  return kind === 'flow' || kind === 'agent';
}

const orNull = (text: string): string | null => (text === '' ? null : text);
const dateOf = (micros: number | null): Date | null => (micros === null ? null : new Date(micros / 1000));

/** The stored log of a row; without a payload it is a summary. */
export function toStored(row: SummaryRow, payload: Payload | null): StoredLog {
  return {
    id: row.id,
    at: new Date(row.at / 1000),
    rowVersion: row.row_version,
    kind: row.kind,
    fileId: row.file_id,
    versionId: row.version_id,
    contentHash: row.content_hash,
    environmentId: orNull(row.environment_id),
    origin: row.origin,
    status: row.status,
    logStatus: row.log_status === '' ? null : row.log_status,
    late: row.late === 1,
    traceParentId: orNull(row.parent_id),
    traceId: orNull(row.trace_id),
    runId: orNull(row.run_id),
    datapointId: orNull(row.datapoint_id),
    keyId: orNull(row.key_id),
    experimentId: orNull(row.experiment_id),
    armId: orNull(row.arm_id),
    counterfactualOf: orNull(row.counterfactual_of),
    startTime: dateOf(row.start_time),
    endTime: dateOf(row.end_time),
    model: orNull(row.model),
    provider: orNull(row.provider),
    promptTokens: row.prompt_tokens,
    outputTokens: row.output_tokens,
    reasoningTokens: row.reasoning_tokens,
    cachedTokens: row.cached_tokens,
    promptCost: row.prompt_cost,
    outputCost: row.output_cost,
    costUsd: row.cost_usd,
    estimated: row.estimated === 1,
    finishReason: orNull(row.finish_reason),
    latencyMs: row.latency_ms,
    firstTokenMs: row.first_token_ms,
    user: orNull(row.end_user),
    session: orNull(row.session),
    unit: orNull(row.unit),
    referenceId: orNull(row.reference_id),
    source: orNull(row.source),
    metadata: row.metadata_json,
    inputPreview: row.input_preview,
    outputPreview: row.output_preview,
    save: row.keep === 1,
    textRepaired: row.text_repaired === 1,
    payload: row.keep === 0 ? 'dropped' : payload ? 'full' : 'summary',
    ...storedPayload(row.keep === 1 ? payload : null),
  };
}

/** What listeners are told of a row. */
export function recordedOf(
  row: Pick<LogRow, 'id' | 'kind' | 'at' | 'version_id' | 'datapoint_id' | 'run_id' | 'reference_id'>,
): RecordedLog {
  const { id, kind, at, version_id: versionId, datapoint_id: datapointId, run_id: runId, reference_id: referenceId } = row;
  return {
    id,
    kind,
    at: new Date(at / 1000),
    versionId,
    datapointId: datapointId || null,
    runId: runId || null,
    referenceId: referenceId || null,
  };
}

function storedPayload(payload: Payload | null) {
  return {
    inputs: payload?.inputs ?? null,
    messages: payload?.messages ?? null,
    output: payload?.output ?? null,
    outputMessage: payload?.output_message ?? null,
    toolChoice: payload?.tool_choice?.[0] ?? null,
    error: payload?.error ?? null,
    stdout: payload?.stdout ?? null,
    providerRequest: payload?.provider_request ?? null,
    providerResponse: payload?.provider_response ?? null,
  };
}

/** A row with nothing in it: what the store makes of columns that a line leaves out. */
export const blankRow: LogRow = {
  workspace_id: '',
  id: '',
  at: 0,
  row_version: 0,
  deleted: 0,
  received_at: 0,
  kind: 'prompt',
  file_id: '',
  version_id: '',
  content_hash: '',
  environment_id: '',
  origin: 'api',
  status: 'ok',
  log_status: '',
  late: 0,
  parent_id: '',
  trace_id: '',
  run_id: '',
  datapoint_id: '',
  key_id: '',
  experiment_id: '',
  arm_id: '',
  counterfactual_of: '',
  start_time: null,
  end_time: null,
  model: '',
  provider: '',
  prompt_tokens: null,
  output_tokens: null,
  reasoning_tokens: null,
  cached_tokens: null,
  prompt_cost: null,
  output_cost: null,
  cost_usd: null,
  estimated: 0,
  finish_reason: '',
  latency_ms: null,
  first_token_ms: null,
  end_user: '',
  session: '',
  unit: '',
  reference_id: '',
  source: '',
  metadata: {},
  metadata_json: null,
  input_preview: '',
  output_preview: '',
  keep: 0,
  text_repaired: 0,
  blob_hashes: [],
  inputs: null,
  messages: null,
  output: null,
  output_message: null,
  tool_choice: null,
  error: null,
  stdout: null,
  provider_request: null,
  provider_response: null,
  blobs: [],
  search_text: '',
};

/** The output that a message is. */
export function contentOf(message: ChatMessage | null): string | null {
  return typeof message?.content === 'string' ? message.content : null;
}

/** Metadata as text by key, nested keys dotted, to filter by. Bounded, because it is written for every log. */
export function flattenMetadata(metadata: Record<string, unknown> | null): Record<string, string> {
  const flat: Record<string, string> = {};
  if (!metadata) return flat;
  let left = 200;
  const visit = (value: unknown, key: string): void => {
    if (left <= 0 || value === null || value === undefined) return;
    if (typeof value === 'object' && !Array.isArray(value)) {
      for (const inner of Object.keys(value)) visit((value as Record<string, unknown>)[inner], `${key}.${inner}`);
      return;
    }
    left -= 1;
    setOwn(flat, key, (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 1_000));
  };
  for (const key of Object.keys(metadata)) visit(metadata[key], key);
  return flat;
}
