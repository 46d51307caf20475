import { describe, expect, it } from 'vitest';
import { addChunk, emptySample } from './sample.ts';

describe('a streamed answer', () => {
  it('joins its pieces and knows when it has ended', () => {
    const middle = addChunk(addChunk(emptySample(0), { index: 0, id: 'log_1', output: 'Hel' }), { output: 'lo' });
    expect(middle).toMatchObject({ output: 'Hello', done: false, logId: 'log_1' });
    const end = addChunk(middle, {
      output: '',
      finish_reason: 'stop',
      prompt_tokens: 3,
      output_tokens: 1,
      prompt_cost: 0.1,
      output_cost: 0.2,
      provider_latency: 1.5,
    });
    expect(end).toMatchObject({ output: 'Hello', done: true, latencyMs: 1500, finish: 'stop' });
    expect(end.costUsd).toBeCloseTo(0.3);
  });
  it('does not make a price of nothing', () => {
    expect(addChunk(emptySample(0), { finish_reason: 'stop' }).costUsd).toBeNull();
  });
  it('keeps what had come when it fails', () => {
    expect(addChunk(addChunk(emptySample(0), { output: 'Hel' }), { error: 'cut off' })).toMatchObject({
      output: 'Hel',
      error: 'cut off',
      done: true,
    });
  });
});
