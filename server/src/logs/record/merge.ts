import type { LogChange, NewLog } from '../index.ts';
import { inputPreview, outputPreview, searchText } from './text.ts';
import { blankRow, flattenMetadata, type LogRow, type Payload } from './row.ts';

/** Facts about a write that do not come from the caller's fields. */
export interface WriteContext {
  workspaceId: string;
  id: string;
  at: number;
  receivedAt: number;
  repaired: boolean;
}

type Fields = Omit<
  NewLog,
  | 'id'
  | 'createdAt'
  | 'kind'
  | 'textRepaired'
  | 'save'
  | 'startTime'
  | 'endTime'
  | 'estimated'
  | 'status'
  | 'logStatus'
  | 'metadata'
  | 'toolChoice'
>;

/** Text columns: null and '' are one. */
const textColumns = {
  fileId: 'file_id',
  versionId: 'version_id',
  contentHash: 'content_hash',
  environmentId: 'environment_id',
  traceParentId: 'parent_id',
  runId: 'run_id',
  datapointId: 'datapoint_id',
  experimentId: 'experiment_id',
  armId: 'arm_id',
  counterfactualOf: 'counterfactual_of',
  model: 'model',
  provider: 'provider',
  finishReason: 'finish_reason',
  user: 'end_user',
  session: 'session',
  unit: 'unit',
  referenceId: 'reference_id',
  source: 'source',
} as const satisfies Partial<Record<keyof Fields, keyof LogRow>>;

/** Columns that hold null. */
const nullableColumns = {
  promptTokens: 'prompt_tokens',
  outputTokens: 'output_tokens',
  reasoningTokens: 'reasoning_tokens',
  cachedTokens: 'cached_tokens',
  promptCost: 'prompt_cost',
  outputCost: 'output_cost',
  latencyMs: 'latency_ms',
  firstTokenMs: 'first_token_ms',
  inputs: 'inputs',
  messages: 'messages',
  output: 'output',
  outputMessage: 'output_message',
  error: 'error',
  stdout: 'stdout',
  providerRequest: 'provider_request',
  providerResponse: 'provider_response',
} as const satisfies Partial<Record<keyof Fields, keyof LogRow>>;

const textEntries = Object.entries(textColumns);
const nullableEntries = Object.entries(nullableColumns);

/** The row of a log that is new. */
export function newRow(log: NewLog, context: WriteContext): LogRow {
  const row: LogRow = {
    ...blankRow,
    workspace_id: context.workspaceId,
    id: context.id,
    at: context.at,
    row_version: 1,
    received_at: context.receivedAt,
    kind: log.kind,
    origin: log.origin,
    key_id: log.keyId ?? '',
    keep: 1,
  };
  apply(row, log, context.repaired, false);
  return row;
}

/** The newest row with what a later write of the same log says; what it leaves out stays. */
export function mergedRow(base: LogRow, log: NewLog, context: WriteContext): LogRow {
  const row = { ...base, row_version: base.row_version + 1 };
  apply(row, log, context.repaired, false);
  return row;
}

/** The newest row with a change: null unsets. */
export function changedRow(base: LogRow, change: LogChange, repaired: boolean): LogRow {
  const row = { ...base, row_version: base.row_version + 1 };
  apply(row, change, repaired, true);
  return row;
}

/** Payload columns that a write replaces. */
export function writtenFields(log: Partial<NewLog>): Set<string> {
  const written = new Set<string>();
  for (const [field, column] of nullableEntries) if (log[field as keyof NewLog] !== undefined) written.add(column);
  if (log.toolChoice !== undefined) written.add('tool_choice');
  return written;
}

function apply(row: LogRow, log: Partial<NewLog>, repaired: boolean, nullUnsets: boolean): void {
  const says = (value: unknown): boolean => value !== undefined && (value !== null || nullUnsets);
  const columns: Record<string, unknown> = row as unknown as Record<string, unknown>;
  for (const [field, column] of textEntries) {
    const value = log[field as keyof NewLog];
    if (says(value)) columns[column] = value ?? '';
  }
  for (const [field, column] of nullableEntries) {
    const value = log[field as keyof NewLog];
    if (says(value)) columns[column] = value;
  }
  if (says(log.toolChoice)) row.tool_choice = log.toolChoice ? [log.toolChoice] : null;
  if (says(log.startTime)) row.start_time = log.startTime ? log.startTime.getTime() * 1000 : null;
  if (says(log.endTime)) row.end_time = log.endTime ? log.endTime.getTime() * 1000 : null;
  if (says(log.metadata)) {
    row.metadata_json = log.metadata ?? null;
    row.metadata = flattenMetadata(row.metadata_json);
  }
  // Complete is for good, in whatever order the writes arrive.
  if (log.logStatus && row.log_status !== 'complete') row.log_status = log.logStatus;
  if (log.estimated !== undefined) row.estimated = log.estimated ? 1 : 0;
  applyStatus(row, log);
  if (repaired) row.text_repaired = 1;
  if (log.save === false) row.keep = 0;
  const took = row.start_time !== null && row.end_time !== null ? (row.end_time - row.start_time) / 1000 : null;
  if (row.latency_ms === null && took !== null) row.latency_ms = took;
  // A clock that was set back makes no negative duration.
  if (row.latency_ms !== null && row.latency_ms < 0) row.latency_ms = 0;
  row.cost_usd = row.prompt_cost === null && row.output_cost === null ? null : (row.prompt_cost ?? 0) + (row.output_cost ?? 0);
}

function applyStatus(row: LogRow, log: Partial<NewLog>): void {
  if (log.status) row.status = log.status;
  else if (log.error) row.status = 'error';
  else if (log.error === null && row.error === null && row.status === 'error') row.status = 'ok';
}

/** Previews, search text and blob names of a payload that is final; nothing of it when it is not to be kept. */
export function finishRow(row: LogRow, payload: Payload): LogRow {
  if (row.keep === 0) {
    return { ...row, ...emptyPayload, input_preview: '', output_preview: '', search_text: '' };
  }
  const { inputs, messages, output, output_message, tool_choice, error, stdout, provider_request, provider_response, blobs } = payload;
  return {
    ...row,
    inputs,
    messages,
    output,
    output_message,
    tool_choice,
    error,
    stdout,
    provider_request,
    provider_response,
    blobs,
    input_preview: inputPreview(payload),
    output_preview: outputPreview(payload),
    search_text: searchText(payload),
    // Those of replaced values too: they are erased with the log.
    blob_hashes: blobs.length === 0 ? row.blob_hashes : [...new Set([...row.blob_hashes, ...blobs.map(({ sha256 }) => sha256)])],
  };
}

export const emptyPayload: Payload = {
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
};

/** What a row that was queued without knowing the store becomes when the store turns out to hold an older one. */
export function settledRow(base: LogRow, queued: LogRow): LogRow {
  if (queued.deleted === 1 || base.deleted === 1) return { ...queued, at: base.at, row_version: base.row_version + queued.row_version };
  const merged: Record<string, unknown> = { ...base };
  for (const [column, value] of Object.entries(queued)) if (!isEmpty(value)) merged[column] = value;
  const replaced = new Set(Object.keys(queued).filter((column) => !isEmpty(queued[column as keyof LogRow])));
  const row: LogRow = {
    ...(merged as unknown as LogRow),
    at: base.at,
    received_at: base.received_at,
    origin: base.origin,
    row_version: base.row_version + queued.row_version,
    late: base.late,
    keep: base.keep === 1 && queued.keep === 1 ? 1 : 0,
    log_status: base.log_status === 'complete' ? 'complete' : queued.log_status || base.log_status,
    status: queued.status === 'ok' && base.status !== 'incomplete' ? base.status : queued.status,
    blobs: [...base.blobs.filter(({ path }) => !replaced.has(String(path[0]))), ...queued.blobs],
  };
  row.cost_usd = row.prompt_cost === null && row.output_cost === null ? null : (row.prompt_cost ?? 0) + (row.output_cost ?? 0);
  return finishRow(row, row);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '' || value === 0) return true;
  return Array.isArray(value) ? value.length === 0 : typeof value === 'object' && Object.keys(value).length === 0;
}
