import type { EndpointName } from '@whetstone/contract';
import { type Answer, type Arguments, request } from './client.ts';
import { ApiError, errorOf } from './errors.ts';
import { lineReader } from './stream.ts';

const broken =
  'The connection broke off. Check that the server runs, that the file is where it was and unchanged, and that no proxy in front of Whetstone limits how large or how long a request may be.';

export interface Upload<N extends EndpointName> {
  /** Read from where it lies while it is sent: it may be larger than memory. */
  body: Blob;
  type: string;
  /** Bytes that have gone so far. */
  onSent: (bytes: number) => void;
  /** Each line of the answer as it comes. */
  onLine: (line: Answer<N>) => void;
  signal: AbortSignal;
}

/**
 * Sends a file to an endpoint that answers JSON lines. Resolves when the answer is at its end.
 * By XMLHttpRequest: `fetch` does not tell how much has been sent.
 * @throws ApiError; with status 0 when the connection broke or `signal` was aborted
 */
export function upload<N extends EndpointName>(
  name: N,
  [input]: Arguments<N>,
  { body, type, onSent, onLine, signal }: Upload<N>,
): Promise<void> {
  const { url, init } = request(name, input);
  return new Promise((done, fail) => {
    const sending = new XMLHttpRequest();
    sending.open(init.method, url);
    for (const [header, value] of Object.entries({ ...init.headers, 'content-type': type })) sending.setRequestHeader(header, value);
    const abort = () => sending.abort();
    signal.addEventListener('abort', abort, { once: true });
    const read = lineReader();
    let seen = 0;
    const more = (end = '') => {
      if (sending.status !== 200) return;
      const text = sending.responseText;
      try {
        for (const line of read(text.slice(seen) + end)) onLine(JSON.parse(line) as Answer<N>);
      } catch (error) {
        fail(
          new ApiError(0, 'The answer of the server cannot be read. Perhaps something between it and this browser changed it.', {
            cause: error,
          }),
        );
      }
      seen = text.length;
    };
    sending.upload.addEventListener('progress', ({ loaded }) => onSent(loaded));
    sending.upload.addEventListener('load', () => onSent(body.size));
    sending.addEventListener('progress', () => more());
    sending.addEventListener('load', () => {
      more('\n');
      if (sending.status === 200) done();
      else fail(errorIn(sending));
    });
    sending.addEventListener('error', () => fail(new ApiError(0, broken)));
    sending.addEventListener('abort', () => fail(new ApiError(0, 'It was stopped.')));
    sending.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    if (signal.aborted) fail(new ApiError(0, 'It was stopped.'));
    else sending.send(body);
  });
}

function errorIn({ status, responseText }: XMLHttpRequest): ApiError {
  try {
    return errorOf(status, JSON.parse(responseText));
  } catch {
    return status === 413
      ? new ApiError(
          413,
          'A proxy in front of Whetstone refuses files of this size. Allow larger request bodies there, or import from the command line.',
        )
      : errorOf(status, {});
  }
}
