/** An attribute's value. Lists of key and value are Maps, never plain objects: a key such as `__proto__` is data. */
export type Value = string | number | boolean | null | Value[] | Attributes;
export type Attributes = Map<string, Value>;

export interface SpanEvent {
  name: string;
  atMs: number | null;
  attributes: Attributes;
}
export interface SpanLink {
  traceId: string;
  spanId: string;
  attributes: Attributes;
}

/** One span as it arrived, in whichever encoding. Ids are lower-case hex. */
export interface Span {
  traceId: string;
  spanId: string;
  parentId: string | null;
  name: string;
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  /** Milliseconds since 1970 with fractions, by the sender's clock; null when it sent none. */
  startMs: number | null;
  endMs: number | null;
  attributes: Attributes;
  events: SpanEvent[];
  links: SpanLink[];
  /** 0 unset, 1 ok, 2 error. */
  statusCode: number;
  statusMessage: string;
  resource: Attributes;
  scope: { name: string; version: string };
}

/** What a request held: its spans, and those that cannot be read, each with the reason. */
export interface Batch {
  spans: Span[];
  refused: string[];
}

/** Why one span is refused, while the others of its request are kept. */
export class BadSpan extends Error {}

/** The request holds more spans than one request may. */
export class TooManySpans extends Error {}

/** Sizes beyond which a span or a request is refused. Whoever means well stays far below. */
export const limits = {
  /** A request with more is refused whole. */
  spans: 20_000,
  attributes: 4_000,
  /** Values inside values. */
  depth: 32,
  /** Bytes, or characters in JSON, of one attribute. */
  value: 8 << 20,
} as const;

const hexId = /^[0-9a-f]+$/;

/** @param bytes 16 for a trace, 8 for a span */
export function checkedId(what: string, hex: string, bytes: number): string {
  if (hex.length !== bytes * 2 || !hexId.test(hex)) {
    throw new BadSpan(`${what} must have ${bytes} bytes, this one has ${hex.length / 2}`);
  }
  if (/^0+$/.test(hex)) throw new BadSpan(`${what} must not be all zeros`);
  return hex;
}

/** A parent of no bytes or of zeros is none. */
export function parentOf(hex: string): string | null {
  return hex === '' || /^0+$/.test(hex) ? null : checkedId('the parent span id', hex, 8);
}
