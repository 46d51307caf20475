import { getOwn } from '@whetstone/domain';
import {
  BadSpan,
  checkedId,
  limits,
  parentOf,
  TooManySpans,
  type Attributes,
  type Batch,
  type Span,
  type SpanEvent,
  type Value,
} from './span.ts';
import { millisecondsOf } from './time.ts';

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const statusCodes = ['UNSET', 'OK', 'ERROR'];

/**
 * Reads an ExportTraceServiceRequest in JSON. Lenient where senders differ: names in camel or snake case, ids in hex or
 * (Python's protobuf) in base64, enums as numbers or names, 64-bit integers as text or numbers.
 * Throws a BadSpan when the request as a whole is none.
 */
export function readJson(body: unknown): Batch {
  const batch: Batch = { spans: [], refused: [] };
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new BadSpan('the body is no object with `resourceSpans`');
  for (const group of list(either(body, 'resourceSpans', 'resource_spans'), 'resourceSpans')) {
    const resource = attributesOf(getOwn(getOwn(group, 'resource'), 'attributes'));
    const scopes =
      either(group, 'scopeSpans', 'scope_spans') ?? either(group, 'instrumentationLibrarySpans', 'instrumentation_library_spans');
    for (const scoped of list(scopes, 'scopeSpans')) {
      const named = getOwn(scoped, 'scope') ?? either(scoped, 'instrumentationLibrary', 'instrumentation_library');
      const scope = { name: textOr(getOwn(named, 'name'), ''), version: textOr(getOwn(named, 'version'), '') };
      for (const span of list(getOwn(scoped, 'spans'), 'spans')) addSpan(batch, span, resource, scope);
    }
  }
  return batch;
}

function addSpan(batch: Batch, given: unknown, resource: Attributes, scope: Span['scope']): void {
  try {
    batch.spans.push(spanOf(given, resource, scope));
  } catch (error) {
    if (!(error instanceof BadSpan)) throw error;
    batch.refused.push(`span ${batch.spans.length + batch.refused.length}: ${error.message}`);
  }
  if (batch.spans.length + batch.refused.length > limits.spans) throw new TooManySpans();
}

function spanOf(given: unknown, resource: Attributes, scope: Span['scope']): Span {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new BadSpan('it is no object');
  const status = getOwn(given, 'status');
  return {
    traceId: checkedId('the trace id', idOf(either(given, 'traceId', 'trace_id'), 16), 16),
    spanId: checkedId('the span id', idOf(either(given, 'spanId', 'span_id'), 8), 8),
    parentId: parentOf(idOf(either(given, 'parentSpanId', 'parent_span_id'), 8)),
    name: text(getOwn(given, 'name'), 'name'),
    kind: enumOf(getOwn(given, 'kind'), 'SPAN_KIND_', kinds),
    startMs: timeOf(either(given, 'startTimeUnixNano', 'start_time_unix_nano'), 'startTimeUnixNano'),
    endMs: timeOf(either(given, 'endTimeUnixNano', 'end_time_unix_nano'), 'endTimeUnixNano'),
    attributes: attributesOf(getOwn(given, 'attributes')),
    events: list(getOwn(given, 'events'), 'events').map(eventOf),
    links: list(getOwn(given, 'links'), 'links').map((link) => ({
      traceId: idOf(either(link, 'traceId', 'trace_id'), 16),
      spanId: idOf(either(link, 'spanId', 'span_id'), 8),
      attributes: attributesOf(getOwn(link, 'attributes')),
    })),
    statusCode: enumOf(getOwn(status, 'code'), 'STATUS_CODE_', statusCodes),
    statusMessage: text(getOwn(status, 'message'), 'status.message'),
    resource,
    scope,
  };
}

function eventOf(given: unknown): SpanEvent {
  return {
    name: text(getOwn(given, 'name'), 'events.name'),
    atMs: timeOf(either(given, 'timeUnixNano', 'time_unix_nano'), 'events.timeUnixNano'),
    attributes: attributesOf(getOwn(given, 'attributes')),
  };
}

function attributesOf(given: unknown, depth = 0): Attributes {
  const map: Attributes = new Map();
  for (const each of list(given, 'attributes')) map.set(text(getOwn(each, 'key'), 'attributes.key'), valueOf(getOwn(each, 'value'), depth));
  if (map.size > limits.attributes) throw new BadSpan(`it has more than ${limits.attributes} attributes`);
  return map;
}

/** An AnyValue: an object with one of these keys. */
function valueOf(given: unknown, depth: number): Value {
  if (depth > limits.depth) throw new BadSpan(`an attribute is nested deeper than ${limits.depth} levels`);
  if (given === null || given === undefined) return null;
  if (typeof given !== 'object') throw new BadSpan('the value of an attribute is no object such as {"stringValue": "…"}');
  const string = either(given, 'stringValue', 'string_value');
  if (string !== undefined) return text(string, 'stringValue');
  const int = either(given, 'intValue', 'int_value');
  if (int !== undefined) return integerOf(int);
  const double = either(given, 'doubleValue', 'double_value');
  if (double !== undefined) return doubleOf(double);
  const bool = either(given, 'boolValue', 'bool_value');
  if (bool !== undefined) return boolOf(bool);
  const array = either(given, 'arrayValue', 'array_value');
  if (array !== undefined) return list(getOwn(array, 'values'), 'arrayValue.values').map((each) => valueOf(each, depth + 1));
  const map = either(given, 'kvlistValue', 'kvlist_value');
  if (map !== undefined) return attributesOf(getOwn(map, 'values'), depth + 1);
  const bytes = either(given, 'bytesValue', 'bytes_value');
  return bytes === undefined ? null : text(bytes, 'bytesValue');
}

function either(holder: unknown, camel: string, snake: string): unknown {
  const value = getOwn(holder, camel);
  return value === undefined ? getOwn(holder, snake) : value;
}

function list(value: unknown, name: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new BadSpan(`\`${name}\` must be a list`);
  return value;
}

function text(value: unknown, name: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new BadSpan(`\`${name}\` must be text`);
  if (value.length > limits.value) throw new BadSpan(`\`${name}\` is larger than ${limits.value >> 20} MB`);
  return value;
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

/** Hex as OTLP demands, or the base64 of generic protobuf JSON, told apart by length. */
function idOf(value: unknown, bytes: number): string {
  const id = text(value, 'an id');
  const base64Length = Math.ceil(bytes / 3) * 4;
  if (id.length === base64Length && id.endsWith('=')) return Buffer.from(id, 'base64').toString('hex');
  return id.toLowerCase();
}

function enumOf(value: unknown, prefix: string, names: readonly string[]): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return 0;
  return Math.max(0, names.indexOf(value.replace(prefix, '')));
}

/** Nanoseconds, as text because they exceed what most JSON readers keep; as milliseconds. */
function timeOf(value: unknown, name: string): number | null {
  if (value === undefined || value === null || value === '') return null;
  const nanos = typeof value === 'number' ? value : typeof value === 'string' && /^\d{1,20}$/.test(value) ? Number(value) : Number.NaN;
  if (!(nanos >= 0)) throw new BadSpan(`\`${name}\` must be nanoseconds since 1970`);
  return nanos === 0 ? null : millisecondsOf(nanos);
}

function integerOf(value: unknown): number | string {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d{1,20}$/.test(value)) throw new BadSpan('`intValue` must be a whole number');
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function doubleOf(value: unknown): number | string {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value;
  if (typeof value === 'string' && value !== '' && Number.isFinite(Number(value))) return Number(value);
  throw new BadSpan('`doubleValue` must be a number');
}

function boolOf(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new BadSpan('`boolValue` must be true or false');
  return value;
}
