import { idRandomBytes, makeLogId } from '@whetstone/domain';

let lastMicros = 0;

/** An id of the server's own form, so that a log can be named before it is sent. Within a millisecond the order is kept. */
export function newLogId(at: Date = new Date()): string {
  const micros = at.getTime() * 1000;
  lastMicros = micros <= lastMicros && micros > lastMicros - 1000 ? lastMicros + 1 : micros;
  return makeLogId(lastMicros, crypto.getRandomValues(new Uint8Array(idRandomBytes)));
}
