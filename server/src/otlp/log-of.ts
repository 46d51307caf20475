import type { AnyObject, Scope } from '@whetstone/contract';
import type { NewLog } from '../logs/index.ts';
import { plain, plainObject, Reader, textOf } from './attributes.ts';
import { dialects, type Reading } from './dialects/index.ts';
import { plainDialect } from './dialects/plain.ts';
import type { Attributes, Span } from './wire/span.ts';

/** A span that was read: what it says, and what no dialect asked for. */
export interface ReadSpan {
  span: Span;
  reading: Reading;
  metadata: AnyObject;
  /** Attributes too long for the metadata, which is read with every list. */
  long: AnyObject | null;
}

/** By the first dialect that recognises it. What a dialect stumbles over is kept as an ordinary span. */
export function readSpan(span: Span): ReadSpan {
  const reader = new Reader(span);
  let reading: Reading;
  try {
    const dialect = dialects.find((each) => each.recognises(reader)) ?? plainDialect;
    reading = dialect.read(reader);
  } catch {
    return kept(span, plainDialect.read(reader), span.attributes);
  }
  return kept(span, reading, reader.rest());
}

const longest = 4_000;

function kept(span: Span, reading: Reading, rest: Attributes): ReadSpan {
  const metadata = Object.create(null) as AnyObject;
  let long: AnyObject | null = null;
  for (const [key, value] of rest) {
    const size = typeof value === 'string' ? value.length : typeof value === 'object' && value !== null ? textOf(value).length : 0;
    if (size <= longest) metadata[key] = plain(value);
    else (long ??= Object.create(null) as AnyObject)[key] = plain(value);
  }
  Object.assign(metadata, reading.metadata);
  if (span.resource.size > 0) metadata['resource'] = plainObject(span.resource);
  metadata['otel.trace_id'] = span.traceId;
  metadata['otel.span_id'] = span.spanId;
  if (span.parentId !== null) metadata['otel.parent_span_id'] = span.parentId;
  metadata['otel.span_name'] = span.name;
  if (span.kind > 1) metadata['otel.span_kind'] = kindNames[span.kind] ?? String(span.kind);
  if (span.scope.name !== '') metadata['otel.scope.name'] = span.scope.name;
  if (span.scope.version !== '') metadata['otel.scope.version'] = span.scope.version;
  if (span.events.length > 0) metadata['otel.events'] = span.events.map(eventOf);
  if (span.links.length > 0) {
    metadata['otel.links'] = span.links.map((link) => ({
      trace_id: link.traceId,
      span_id: link.spanId,
      attributes: plainObject(link.attributes),
    }));
  }
  return { span, reading, metadata, long };
}

const kindNames = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

function eventOf({ name, atMs, attributes }: Span['events'][number]): AnyObject {
  const at = dateOf(atMs);
  return { name, ...(at === null ? {} : { at: at.toISOString() }), attributes: plainObject(attributes) };
}

/** The log without its file, its place in a trace and its cost. */
export function logOf(scope: Scope, { span, reading, metadata, long }: ReadSpan): Omit<NewLog, 'fileId' | 'versionId'> {
  const { log } = reading;
  const error = log.error ?? errorOf(span);
  const startTime = dateOf(span.startMs);
  const endTime = dateOf(span.endMs);
  if (span.startMs !== null && startTime === null) metadata['otel.start_ms'] = span.startMs;
  if (span.endMs !== null && endTime === null) metadata['otel.end_ms'] = span.endMs;
  return {
    ...log,
    kind: reading.kind,
    origin: 'otel',
    startTime,
    endTime,
    latencyMs: startTime === null || endTime === null ? null : durationOf(span),
    error,
    user: log.user ?? takeText(metadata, 'user.id', 'enduser.id'),
    session: log.session ?? takeText(metadata, 'session.id', 'gen_ai.conversation.id'),
    keyId: scope.actor.type === 'key' ? scope.actor.id : null,
    metadata,
    ...(long === null ? {} : { providerRequest: { attributes: long } }),
  };
}

/** The years that the log store can hold; a time outside of them is kept as the number it came as. */
const latest = Date.UTC(2263, 0, 1);

function dateOf(ms: number | null): Date | null {
  return ms === null || ms < 0 || ms >= latest ? null : new Date(Math.floor(ms));
}

/** To the microsecond, and never negative: a clock may be set back while a span runs. */
function durationOf({ startMs, endMs }: Span): number {
  return Math.max(0, Math.round(((endMs as number) - (startMs as number)) * 1000) / 1000);
}

const errorStatus = 2;

function errorOf({ statusCode, statusMessage, events, attributes }: Span): string | null {
  if (statusCode !== errorStatus) return null;
  if (statusMessage !== '') return statusMessage;
  const exception = events.findLast(({ name }) => name === 'exception');
  const message = textOf(exception?.attributes.get('exception.message')) || textOf(exception?.attributes.get('exception.type'));
  return message || textOf(attributes.get('error.type')) || 'The span has the status error.';
}

function takeText(metadata: AnyObject, ...keys: string[]): string | null {
  for (const key of keys) {
    const value = metadata[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}
