import { isUtf8 } from 'node:buffer';
import protobuf from 'protobufjs/minimal.js';
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

type Reader = protobuf.Reader;
type Resource = Pick<Span, 'resource'>;
type Scope = Resource & Pick<Span, 'scope'>;

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Reads an ExportTraceServiceRequest (opentelemetry-proto, trace/v1) field by field: a compiled decoder would make objects
 * of every field that nobody asks for. Throws a RangeError or Error when the framing itself is broken; what is wrong
 * inside one span refuses that span.
 */
export function readProtobuf(body: Buffer): Batch {
  const reader = protobuf.Reader.create(body);
  const batch: Batch = { spans: [], refused: [] };
  fields(reader, body.length, (field, type) => {
    if (field !== 1) return skip(reader, field, type);
    return message(reader, type, (end) => readResourceSpans(reader, end, batch));
  });
  return batch;
}

function readResourceSpans(reader: Reader, end: number, batch: Batch): void {
  // The resource may come after its spans, so they share one map that it fills.
  const shared: Resource = { resource: new Map() };
  fields(reader, end, (field, type) => {
    if (field === 1) return message(reader, type, (inner) => readAttributes(reader, inner, 1, shared.resource));
    // 1000 is where the field stood before OTLP 0.15.
    if (field === 2 || field === 1000) return message(reader, type, (inner) => readScopeSpans(reader, inner, shared, batch));
    return skip(reader, field, type);
  });
}

function readScopeSpans(reader: Reader, end: number, { resource }: Resource, batch: Batch): void {
  const shared: Scope = { resource, scope: { name: '', version: '' } };
  fields(reader, end, (field, type) => {
    if (field === 1) return message(reader, type, (inner) => readScope(reader, inner, shared.scope));
    if (field === 2) return message(reader, type, (inner) => readWholeSpan(reader, inner, shared, batch));
    return skip(reader, field, type);
  });
}

function readScope(reader: Reader, end: number, scope: Span['scope']): void {
  fields(reader, end, (field, type) => {
    if (field === 1) scope.name = text(reader, type);
    else if (field === 2) scope.version = text(reader, type);
    else skip(reader, field, type);
  });
}

/** The span's own length says where the next one begins, whatever is wrong inside. */
function readWholeSpan(reader: Reader, end: number, shared: Scope, batch: Batch): void {
  try {
    batch.spans.push(readSpan(reader, end, shared));
  } catch (error) {
    const reason = error instanceof BadSpan ? error.message : `it is not a span: ${(error as Error).message}`;
    batch.refused.push(`span ${batch.spans.length + batch.refused.length}: ${reason}`);
    reader.pos = end;
  }
  if (batch.spans.length + batch.refused.length > limits.spans) throw new TooManySpans();
}

function readSpan(reader: Reader, end: number, shared: Scope): Span {
  const span: Span = {
    traceId: '',
    spanId: '',
    parentId: null,
    name: '',
    kind: 0,
    startMs: null,
    endMs: null,
    attributes: new Map(),
    events: [],
    links: [],
    statusCode: 0,
    statusMessage: '',
    resource: shared.resource,
    scope: shared.scope,
  };
  fields(reader, end, (field, type) => readSpanField(reader, span, field, type));
  checkedId('the trace id', span.traceId, 16);
  checkedId('the span id', span.spanId, 8);
  return span;
}

function readSpanField(reader: Reader, span: Span, field: number, type: number): void {
  if (field === 1) span.traceId = hex(reader, type);
  else if (field === 2) span.spanId = hex(reader, type);
  else if (field === 4) span.parentId = parentOf(hex(reader, type));
  else if (field === 5) span.name = text(reader, type);
  else if (field === 6) span.kind = varint(reader, type);
  else if (field === 7) span.startMs = time(reader, type);
  else if (field === 8) span.endMs = time(reader, type);
  else if (field === 9) readAttribute(reader, type, span.attributes);
  else if (field === 11) message(reader, type, (end) => span.events.push(readEvent(reader, end)));
  else if (field === 13) message(reader, type, (end) => readLink(reader, end, span));
  else if (field === 15) message(reader, type, (end) => readStatus(reader, end, span));
  else skip(reader, field, type);
}

function readEvent(reader: Reader, end: number): SpanEvent {
  const event: SpanEvent = { name: '', atMs: null, attributes: new Map() };
  fields(reader, end, (field, type) => {
    if (field === 1) event.atMs = time(reader, type);
    else if (field === 2) event.name = text(reader, type);
    else if (field === 3) readAttribute(reader, type, event.attributes);
    else skip(reader, field, type);
  });
  return event;
}

function readLink(reader: Reader, end: number, span: Span): void {
  const link = { traceId: '', spanId: '', attributes: new Map<string, Value>() };
  fields(reader, end, (field, type) => {
    if (field === 1) link.traceId = hex(reader, type);
    else if (field === 2) link.spanId = hex(reader, type);
    else if (field === 4) readAttribute(reader, type, link.attributes);
    else skip(reader, field, type);
  });
  span.links.push(link);
}

function readStatus(reader: Reader, end: number, span: Span): void {
  fields(reader, end, (field, type) => {
    if (field === 2) span.statusMessage = text(reader, type);
    else if (field === 3) span.statusCode = varint(reader, type);
    else skip(reader, field, type);
  });
}

function readAttributes(reader: Reader, end: number, wanted: number, into: Attributes): void {
  fields(reader, end, (field, type) => {
    if (field === wanted) readAttribute(reader, type, into);
    else skip(reader, field, type);
  });
}

/** A KeyValue. */
function readAttribute(reader: Reader, type: number, into: Attributes, depth = 0): void {
  message(reader, type, (end) => {
    let key = '';
    let value: Value = null;
    fields(reader, end, (field, inner) => {
      if (field === 1) key = text(reader, inner);
      else if (field === 2) message(reader, inner, (at) => (value = readValue(reader, at, depth)));
      else skip(reader, field, inner);
    });
    into.set(key, value);
  });
  if (into.size > limits.attributes) throw new BadSpan(`it has more than ${limits.attributes} attributes`);
}

/** An AnyValue. */
function readValue(reader: Reader, end: number, depth: number): Value {
  if (depth > limits.depth) throw new BadSpan(`an attribute is nested deeper than ${limits.depth} levels`);
  if (end - reader.pos > limits.value) throw new BadSpan(`an attribute is larger than ${limits.value >> 20} MB`);
  let value: Value = null;
  fields(reader, end, (field, type) => {
    if (field === 1) value = text(reader, type);
    else if (field === 2) value = varint(reader, type) !== 0;
    else if (field === 3) value = integer(reader, type);
    else if (field === 4) value = double(reader, type);
    else if (field === 5) value = readList(reader, type, depth);
    else if (field === 6) value = readMap(reader, type, depth);
    else if (field === 7) value = bytes(reader, type).toString('base64');
    else skip(reader, field, type);
  });
  return value;
}

function readList(reader: Reader, type: number, depth: number): Value[] {
  const list: Value[] = [];
  message(reader, type, (end) =>
    fields(reader, end, (field, inner) => {
      if (field === 1) message(reader, inner, (at) => list.push(readValue(reader, at, depth + 1)));
      else skip(reader, field, inner);
    }),
  );
  return list;
}

function readMap(reader: Reader, type: number, depth: number): Attributes {
  const map: Attributes = new Map();
  message(reader, type, (end) =>
    fields(reader, end, (field, inner) => {
      if (field === 1) readAttribute(reader, inner, map, depth + 1);
      else skip(reader, field, inner);
    }),
  );
  return map;
}

function fields(reader: Reader, end: number, read: (field: number, type: number) => void): void {
  while (reader.pos < end) {
    const tag = reader.tag();
    read(tag >>> 3, tag & 7);
    if (reader.pos > end) throw new RangeError(`a field ends beyond its message, at byte ${end}`);
  }
}

/** An embedded message: its length is checked against what there is before anything is read by it. */
function message(reader: Reader, type: number, read: (end: number) => void): void {
  expect(reader, type, wire.bytes);
  const size = reader.size();
  const end = reader.pos + size;
  if (end > reader.len) throw new RangeError(`a message claims ${size} bytes, ${reader.len - reader.pos} are left`);
  read(end);
}

function expect(reader: Reader, type: number, wanted: number): void {
  if (type !== wanted) throw new BadSpan(`a field at byte ${reader.pos} has the wire type ${type} where ${wanted} belongs`);
}

function skip(reader: Reader, field: number, type: number): void {
  reader.skipType(type, 0, field);
}

const replacement = '\ufffd';

function text(reader: Reader, type: number): string {
  expect(reader, type, wire.bytes);
  const before = reader.pos;
  const value = reader.string();
  if (value.length > limits.value) throw new BadSpan(`a text is larger than ${limits.value >> 20} MB`);
  // Invalid bytes were replaced by the decoder; only where the mark appears is it worth looking whether it was sent so.
  if (value.includes(replacement) && !isUtf8(reader.raw(before, reader.pos))) throw new BadSpan('a text in it is not valid UTF-8');
  return value;
}

function bytes(reader: Reader, type: number): Buffer {
  expect(reader, type, wire.bytes);
  const view = reader.bytes();
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function hex(reader: Reader, type: number): string {
  return bytes(reader, type).toString('hex');
}

function varint(reader: Reader, type: number): number {
  expect(reader, type, wire.varint);
  return reader.uint32();
}

/** So many bytes of seven bits each fit into a number. */
const safeVarint = 7;

/** Beyond what a number can say exactly it stays text. */
function integer(reader: Reader, type: number): number | string {
  expect(reader, type, wire.varint);
  const start = reader.pos;
  reader.skip();
  const bytes = reader.buf.subarray(start, reader.pos);
  if (bytes.length <= safeVarint) return bytes.reduceRight((sum, byte) => sum * 128 + (byte & 0x7f), 0);
  const whole = bytes.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
  const value = BigInt.asIntN(64, whole);
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

function double(reader: Reader, type: number): number | string {
  expect(reader, type, wire.fixed64);
  const value = reader.double();
  // JSON, in which all is stored, has no word for NaN and the infinities.
  return Number.isFinite(value) ? value : String(value);
}

/** Nanoseconds as milliseconds. */
function time(reader: Reader, type: number): number | null {
  expect(reader, type, wire.fixed64);
  const low = reader.fixed32();
  const high = reader.fixed32();
  return low === 0 && high === 0 ? null : millisecondsOf(high * 2 ** 32 + low);
}
