import { idRandomBytes, makeLogId } from '@whetstone/domain';

/** An id of the server's own form, so that a log can be named before it is sent. */
export function newLogId(at: Date = new Date()): string {
  return makeLogId(at.getTime() * 1000, crypto.getRandomValues(new Uint8Array(idRandomBytes)));
}
