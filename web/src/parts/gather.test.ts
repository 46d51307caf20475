import { describe, expect, it } from 'vitest';
import { gathered } from './gather.ts';

const streamOf = (pieces: number, bytes: number) => {
  let sent = 0;
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent === pieces) controller.close();
      else controller.enqueue(new Uint8Array(bytes).fill((sent += 1)));
    },
    cancel() {
      cancelled = true;
    },
  });
  return { stream, cancelled: () => cancelled };
};

describe('a stream that is gathered', () => {
  it('is one blob, in order, and tells how much has come', async () => {
    const told: number[] = [];
    const blob = await gathered(streamOf(5, 3 << 20).stream, 'application/zip', { onBytes: (bytes) => told.push(bytes) });
    expect([blob.type, blob.size]).toEqual(['application/zip', 15 << 20]);
    const bytes = new Uint8Array(await blob.arrayBuffer());
    expect([0, 1, 2, 3, 4].map((piece) => bytes[piece * (3 << 20)])).toEqual([1, 2, 3, 4, 5]);
    expect(told).toEqual([3, 6, 9, 12, 15].map((size) => size << 20));
  });

  it('ends with the reason of a signal, and what brings it is told to stop', async () => {
    const controller = new AbortController();
    const { stream, cancelled } = streamOf(1_000, 10);
    const onBytes = (bytes: number) => bytes >= 50 && controller.abort(new Error('enough'));
    await expect(gathered(stream, '', { onBytes, signal: controller.signal })).rejects.toThrow('enough');
    expect(cancelled()).toBe(true);
  });
});
