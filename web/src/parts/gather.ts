/** So much is handed over at a time: the browser keeps large blobs on disk. */
const pieceBytes = 8 << 20;

/**
 * What a stream brings, as one blob. `Response.blob()` would hold all of it in the page's memory.
 * @param onBytes how many have come so far
 * @throws the signal's reason, when it is aborted
 */
export async function gathered(
  stream: ReadableStream<Uint8Array>,
  type: string,
  { onBytes, signal }: { onBytes?: (bytes: number) => void; signal?: AbortSignal } = {},
): Promise<Blob> {
  const pieces: Blob[] = [];
  let loose: Uint8Array<ArrayBuffer>[] = [];
  let looseBytes = 0;
  let bytes = 0;
  const put = () => {
    pieces.push(new Blob(loose));
    loose = [];
    looseBytes = 0;
  };
  const reader = stream.getReader();
  const stop = () => void reader.cancel(signal?.reason).catch(() => undefined);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) break;
      loose.push(value as Uint8Array<ArrayBuffer>);
      looseBytes += value.length;
      bytes += value.length;
      onBytes?.(bytes);
      if (looseBytes >= pieceBytes) put();
    }
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  put();
  return new Blob(pieces, { type });
}
