import { hash } from 'node:crypto';
import { idPrefixes, makeId } from '@whetstone/domain';

const mostRemembered = 20_000;

/** The ids of logs follow from those of spans alone: sent twice a span is one log, and a child names its parent before that came. */
export function logIdOf(traceId: string, spanId: string): string {
  return makeId(idPrefixes.log, hash('sha256', `otel ${traceId} ${spanId}`, 'buffer'));
}

/** What stands for the root of a trace as long as nobody knows it, and becomes the root when none comes. */
export function standInOf(traceId: string): string {
  return logIdOf(traceId, 'root');
}

/** The same, remembered for as long as one request is worked on: its spans name each other. */
export class LogIds {
  readonly #known = new Map<string, string>();

  of(traceId: string, spanId: string): string {
    const key = traceId + spanId;
    let id = this.#known.get(key);
    if (id !== undefined) return id;
    id = logIdOf(traceId, spanId);
    if (this.#known.size < mostRemembered) this.#known.set(key, id);
    return id;
  }

  standIn(traceId: string): string {
    return this.of(traceId, 'root');
  }
}
