import { createHash } from 'node:crypto';
import { idPrefixes, makeId } from '@whetstone/domain';

/** The id of a span's log follows from the span alone: sent twice it is one log, and a child names its parent before that came. */
export function logIdOf(traceId: string, spanId: string): string {
  return makeId(idPrefixes.log, createHash('sha256').update(`otel ${traceId} ${spanId}`).digest());
}

/** What stands for the root of a trace as long as nobody knows it, and becomes the root when none comes. */
export function standInOf(traceId: string): string {
  return logIdOf(traceId, 'root');
}
