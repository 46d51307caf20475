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
export function recordedOf(row: Pick<LogRow, 'id' | 'at' | 'version_id' | 'datapoint_id' | 'run_id'>): RecordedLog {
  const { id, at, version_id: versionId, datapoint_id: datapointId, run_id: runId } = row;
  return { id, at: new Date(at / 1000), versionId, datapointId: datapointId || null, runId: runId || null };
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

export const timeColumns = ['at', 'received_at', 'start_time', 'end_time'] as const;
type Written = Exclude<keyof LogRow, 'workspace_id' | 'id' | (typeof timeColumns)[number]>;
/** Columns of short text that a line always has: the store's own blank is not one of their values. */
const always = new Set<string>(['kind', 'origin', 'status']);
const written = (Object.keys(blankRow) as (keyof LogRow)[]).filter(
  (column): column is Written => column !== 'workspace_id' && column !== 'id' && !(timeColumns as readonly string[]).includes(column),
);

/**
 * The line that is queued. Workspace and id come first, because the queue reads them without parsing the rest; what is
 * blank is left out, and an output that is the content of its message is there once.
 */
export function toLine(row: LogRow): Buffer {
  let line = `{"workspace_id":${JSON.stringify(row.workspace_id)},"id":${JSON.stringify(row.id)}`;
  for (const column of timeColumns) {
    const micros = row[column];
    if (micros !== null) line += `,"${column}":"${timeText(micros)}"`;
  }
  const said = row.output !== null && row.output_message?.content === row.output;
  if (said) line += ',"output_said":1';
  for (const column of written) {
    const value = row[column];
    if (value === blankRow[column] && !always.has(column)) continue;
    if (column === 'output' && said) continue;
    if ((column === 'metadata' || column === 'blob_hashes' || column === 'blobs') && Object.keys(row[column]).length === 0) continue;
    line += `,"${column}":${JSON.stringify(value)}`;
  }
  return utf8(`${line}}`);
}

const slabBytes = 1 << 20;
let slab = Buffer.allocUnsafeSlow(0);
let slabUsed = 0;

/** Lines live and die together, so they share slabs: a buffer of its own for each costs more than filling it. */
export function utf8(text: string): Buffer {
  const most = text.length * 3;
  if (most > slabBytes / 4) return Buffer.from(text);
  if (slabUsed + most > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    slabUsed = 0;
  }
  const start = slabUsed;
  slabUsed += slab.write(text, start);
  return slab.subarray(start, slabUsed);
}

export function fromLine(line: Buffer): LogRow {
  return rowOf(JSON.parse(line.toString('utf8')) as LineObject);
}

/** A line as JSON has it: times are text, blank columns are absent or undefined. */
type LineObject = { [Column in Exclude<keyof LogRow, Times>]?: LogRow[Column] | undefined } & {
  [Column in Times]?: string | undefined;
} & { output_said?: number | undefined };
type Times = (typeof timeColumns)[number];

export function rowOf(line: LineObject): LogRow {
  const { at, received_at, start_time, end_time, output_said, ...columns } = line;
  const row: Record<string, unknown> = { ...blankRow };
  for (const [column, value] of Object.entries(columns)) if (value !== undefined) row[column] = value;
  row['at'] = at === undefined ? 0 : microsOf(at);
  row['received_at'] = received_at === undefined ? 0 : microsOf(received_at);
  row['start_time'] = start_time === undefined ? null : microsOf(start_time);
  row['end_time'] = end_time === undefined ? null : microsOf(end_time);
  const whole = row as unknown as LogRow;
  if (output_said === 1) whole.output = contentOf(whole.output_message);
  return whole;
}

/** The output that a message is. */
export function contentOf(message: ChatMessage | null): string | null {
  return typeof message?.content === 'string' ? message.content : null;
}

// Most times of a busy moment are of the same second.
let lastSecond = Number.NaN;
let lastText = '';

/** `2026-11-23T10:50:53.123456Z` of microseconds since 1970. */
export function timeText(micros: number): string {
  const second = Math.floor(micros / 1_000_000);
  if (second !== lastSecond) {
    lastText = new Date(second * 1000).toISOString().slice(0, -4);
    lastSecond = second;
  }
  // The leading 1 keeps the zeros.
  return `${lastText}${String(1_000_000 + micros - second * 1_000_000).slice(1)}Z`;
}

export function microsOf(text: string): number {
  return Date.parse(`${text.slice(0, 23)}Z`) * 1000 + Number(text.slice(23, 26));
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
