import protobuf from 'protobufjs/minimal.js';

/** A span as a test writes it. Values of attributes are what JSON says; BigInt is a 64-bit integer. */
export interface Written {
  traceId: string;
  spanId: string;
  parentId?: string;
  name?: string;
  kind?: number;
  startMs?: number;
  endMs?: number;
  attributes?: Record<string, unknown>;
  events?: { name: string; atMs?: number; attributes?: Record<string, unknown> }[];
  statusCode?: number;
  statusMessage?: string;
}
export interface Group {
  resource?: Record<string, unknown>;
  scope?: string;
  spans: Written[];
}

const nanos = (ms: number | undefined): bigint => BigInt(Math.round((ms ?? 0) * 1e3)) * 1000n;

export function jsonOfGroups(groups: readonly Group[]): { resourceSpans: unknown[] } {
  return {
    resourceSpans: groups.map(({ resource = {}, scope = 'test', spans }) => ({
      resource: { attributes: attributesJson(resource) },
      scopeSpans: [{ scope: { name: scope }, spans: spans.map(spanJson) }],
    })),
  };
}

function spanJson(span: Written): unknown {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId === undefined ? {} : { parentSpanId: span.parentId }),
    name: span.name ?? 'a span',
    kind: span.kind ?? 1,
    startTimeUnixNano: String(nanos(span.startMs)),
    endTimeUnixNano: String(nanos(span.endMs)),
    attributes: attributesJson(span.attributes ?? {}),
    events: (span.events ?? []).map(({ name, atMs, attributes }) => ({
      name,
      timeUnixNano: String(nanos(atMs)),
      attributes: attributesJson(attributes ?? {}),
    })),
    status: { code: span.statusCode ?? 0, message: span.statusMessage ?? '' },
  };
}

function attributesJson(attributes: Record<string, unknown>): unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueJson(value) }));
}

function valueJson(value: unknown): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(valueJson) } };
  return { kvlistValue: { values: attributesJson((value ?? {}) as Record<string, unknown>) } };
}

type Writer = protobuf.Writer;
const tag = (field: number, type: number): number => (field << 3) | type;

export function protobufOfGroups(groups: readonly Group[]): Buffer {
  const writer = protobuf.Writer.create();
  for (const { resource = {}, scope = 'test', spans } of groups) {
    nested(writer, 1, () => {
      nested(writer, 1, () => attributesProtobuf(writer, 1, resource));
      nested(writer, 2, () => {
        nested(writer, 1, () => text(writer, 1, scope));
        for (const span of spans) nested(writer, 2, () => spanProtobuf(writer, span));
      });
    });
  }
  return Buffer.from(writer.finish());
}

function spanProtobuf(writer: Writer, span: Written): void {
  bytes(writer, 1, span.traceId);
  bytes(writer, 2, span.spanId);
  if (span.parentId !== undefined) bytes(writer, 4, span.parentId);
  text(writer, 5, span.name ?? 'a span');
  writer.uint32(tag(6, 0)).int32(span.kind ?? 1);
  time(writer, 7, span.startMs);
  time(writer, 8, span.endMs);
  attributesProtobuf(writer, 9, span.attributes ?? {});
  for (const event of span.events ?? []) {
    nested(writer, 11, () => {
      time(writer, 1, event.atMs);
      text(writer, 2, event.name);
      attributesProtobuf(writer, 3, event.attributes ?? {});
    });
  }
  nested(writer, 15, () => {
    text(writer, 2, span.statusMessage ?? '');
    writer.uint32(tag(3, 0)).int32(span.statusCode ?? 0);
  });
}

function attributesProtobuf(writer: Writer, field: number, attributes: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(attributes)) {
    nested(writer, field, () => {
      text(writer, 1, key);
      nested(writer, 2, () => valueProtobuf(writer, value));
    });
  }
}

function valueProtobuf(writer: Writer, value: unknown): void {
  if (typeof value === 'string') text(writer, 1, value);
  else if (typeof value === 'boolean') writer.uint32(tag(2, 0)).bool(value);
  else if (typeof value === 'bigint') writer.uint32(tag(3, 0)).int64(String(value));
  else if (typeof value === 'number' && Number.isInteger(value)) writer.uint32(tag(3, 0)).int64(value);
  else if (typeof value === 'number') writer.uint32(tag(4, 1)).double(value);
  else if (Array.isArray(value)) {
    nested(writer, 5, () => {
      for (const each of value) nested(writer, 1, () => valueProtobuf(writer, each));
    });
  } else nested(writer, 6, () => attributesProtobuf(writer, 1, (value ?? {}) as Record<string, unknown>));
}

function nested(writer: Writer, field: number, write: () => void): void {
  writer.uint32(tag(field, 2)).fork();
  write();
  writer.ldelim();
}
function text(writer: Writer, field: number, value: string): void {
  writer.uint32(tag(field, 2)).string(value);
}
function bytes(writer: Writer, field: number, hex: string): void {
  writer.uint32(tag(field, 2)).bytes(Buffer.from(hex, 'hex'));
}
function time(writer: Writer, field: number, ms: number | undefined): void {
  const value = nanos(ms);
  writer
    .uint32(tag(field, 1))
    .fixed32(Number(value & 0xffff_ffffn))
    .fixed32(Number(value >> 32n));
}

let counter = 0;
/** Ids that no other test uses. */
export function newTraceId(): string {
  counter += 1;
  return counter.toString(16).padStart(8, '0') + Math.random().toString(16).slice(2).padEnd(24, 'a').slice(0, 24);
}
export const spanId = (n: number): string => n.toString(16).padStart(16, '0');
