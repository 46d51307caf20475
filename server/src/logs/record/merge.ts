import type { LogChange, NewLog } from '../index.ts';
import { inputPreview, outputPreview, searchText } from './text.ts';
import { rowOf, type timeColumns, timeText } from './line.ts';
import { flattenMetadata, type LogRow, type Payload } from './row.ts';

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

/** A line before it is text: blank columns are undefined, which JSON leaves out. Workspace and id come first. */
export type NewLine = {
  -readonly [Column in Exclude<keyof LogRow, (typeof timeColumns)[number]>]: LogRow[Column] | undefined;
} & LineTimes & { output_said: 1 | undefined };
type LineTimes = Record<(typeof timeColumns)[number], string | undefined>;

/** The line of a log that is new, all but what is derived from its payload. One literal, so that all lines have one shape. */
export function newLine(log: NewLog, context: WriteContext): NewLine {
  const { output = null, outputMessage = null, promptCost = null, outputCost = null } = log;
  const start = log.startTime?.getTime() ?? null;
  const end = log.endTime?.getTime() ?? null;
  const took = log.latencyMs ?? (start !== null && end !== null ? end - start : null);
  const said = output !== null && outputMessage?.content === output;
  const metadata = log.metadata ?? null;
  return {
    workspace_id: context.workspaceId,
    id: context.id,
    at: timeText(context.at),
    received_at: timeText(context.receivedAt),
    start_time: start === null ? undefined : timeText(start * 1000),
    end_time: end === null ? undefined : timeText(end * 1000),
    row_version: 1,
    deleted: undefined,
    kind: log.kind,
    file_id: log.fileId || undefined,
    version_id: log.versionId || undefined,
    content_hash: log.contentHash || undefined,
    environment_id: log.environmentId || undefined,
    origin: log.origin,
    status: log.status || (log.error ? 'error' : 'ok'),
    log_status: log.logStatus || undefined,
    late: undefined,
    parent_id: log.traceParentId || undefined,
    trace_id: undefined,
    run_id: log.runId || undefined,
    datapoint_id: log.datapointId || undefined,
    key_id: log.keyId || undefined,
    experiment_id: log.experimentId || undefined,
    arm_id: log.armId || undefined,
    counterfactual_of: log.counterfactualOf || undefined,
    model: log.model || undefined,
    provider: log.provider || undefined,
    prompt_tokens: log.promptTokens ?? undefined,
    output_tokens: log.outputTokens ?? undefined,
    reasoning_tokens: log.reasoningTokens ?? undefined,
    cached_tokens: log.cachedTokens ?? undefined,
    prompt_cost: promptCost ?? undefined,
    output_cost: outputCost ?? undefined,
    cost_usd: promptCost === null && outputCost === null ? undefined : (promptCost ?? 0) + (outputCost ?? 0),
    estimated: log.estimated ? 1 : undefined,
    finish_reason: log.finishReason || undefined,
    // A clock that was set back makes no negative duration.
    latency_ms: took === null ? undefined : Math.max(took, 0),
    first_token_ms: log.firstTokenMs ?? undefined,
    end_user: log.user || undefined,
    session: log.session || undefined,
    unit: log.unit || undefined,
    reference_id: log.referenceId || undefined,
    source: log.source || undefined,
    metadata: metadata === null ? undefined : flattenMetadata(metadata),
    metadata_json: metadata ?? undefined,
    input_preview: undefined,
    output_preview: undefined,
    keep: log.save === false ? undefined : 1,
    text_repaired: context.repaired ? 1 : undefined,
    blob_hashes: undefined,
    inputs: log.inputs ?? undefined,
    messages: log.messages ?? undefined,
    // An output that is the content of its message is there once.
    output_said: said ? 1 : undefined,
    output: said ? undefined : (output ?? undefined),
    output_message: outputMessage ?? undefined,
    tool_choice: log.toolChoice ? [log.toolChoice] : undefined,
    error: log.error ?? undefined,
    stdout: log.stdout ?? undefined,
    provider_request: log.providerRequest ?? undefined,
    provider_response: log.providerResponse ?? undefined,
    blobs: undefined,
    search_text: undefined,
  };
}

/** The row of a log that is new. */
export function newRow(log: NewLog, context: WriteContext): LogRow {
  return rowOf(newLine(log, context));
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
