import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anthropicShape } from '../../fake-provider/anthropic.ts';
import { readBehaviour } from '../../fake-provider/behaviour.ts';
import { googleShape } from '../../fake-provider/google.ts';
import { openaiShape } from '../../fake-provider/openai.ts';
import { defaultLimits } from '../create-gateway.ts';
import { anthropicDialect } from '../providers/anthropic.ts';
import type { Dialect } from '../providers/dialect.ts';
import { googleDialect } from '../providers/google.ts';
import { openaiDialect } from '../providers/openai.ts';
import type { Listener } from '../room.ts';
import { createTee } from './tee.ts';

const text = 'Grüße, 日本 🚀: data: [DONE] is no mark here, nor "choices":[] a usage.';
const behaviour = { ...readBehaviour('x', undefined), text };
const openaiBody = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: true, n: 2, stream_options: { include_usage: true } };
const claudeBody = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], stream: true, thinking: { type: 'enabled' } };
const geminiBody = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }], generationConfig: { thinkingConfig: { thinkingBudget: 10 } } };

const streams: Record<string, { dialect: Dialect; bytes: Buffer }> = {
  openai: { dialect: openaiDialect, bytes: Buffer.from(openaiShape.events('/v1/chat/completions', openaiBody, behaviour).join('')) },
  anthropic: { dialect: anthropicDialect, bytes: Buffer.from(anthropicShape.events('/v1/messages', claudeBody, behaviour).join('')) },
  google: {
    dialect: googleDialect,
    bytes: Buffer.from(googleShape.events('/v1beta/models/m:streamGenerateContent', geminiBody, behaviour).join('')),
  },
};

function run(dialect: Dialect, pieces: readonly Buffer[], options: { dropUsage?: boolean; wants?: 'bytes' | 'chunks' } = {}) {
  const out: Buffer[] = [];
  const chunks: unknown[] = [];
  const listener: Listener = {
    signal: new AbortController().signal,
    wants: options.wants ?? 'bytes',
    open: () => undefined,
    bytes: (bytes) => out.push(Buffer.from(bytes)) > 0,
    chunk: (chunk) => chunks.push(structuredClone(chunk)) > 0,
    drained: (resume) => resume(),
  };
  const tee = createTee({
    native: null,
    dialect,
    context: { model: 'm', id: 'log_1', created: 1, request: {} },
    listener,
    limits: defaultLimits,
    open: () => undefined,
    dropUsage: options.dropUsage ?? false,
    choiceOffset: 0,
  });
  for (const piece of pieces) tee.push(piece);
  tee.end();
  return { answer: tee.answer(), complete: tee.complete, sent: Buffer.concat(out).toString(), tail: tee.tail()?.toString() ?? '', chunks };
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((to, index) => bytes.subarray(places[index], to));
}

describe.each(Object.entries(streams))('the stream of %s', (_name, { dialect, bytes }) => {
  const whole = run(dialect, [bytes]);

  it('is read whole', () => {
    expect(whole.complete).toBe(true);
    expect(whole.answer.choices[0]).toMatchObject({ text, finishReason: 'stop' });
    expect(whole.answer.usage?.promptTokens).toBeGreaterThan(0);
  });

  it('leaves the same log and the same bytes wherever the network cuts it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (cuts) => {
        const cut = run(dialect, cutAt(bytes, cuts));
        expect(cut.answer).toEqual(whole.answer);
        expect(cut.sent + cut.tail).toBe(whole.sent + whole.tail);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves the same log cut into single bytes', () => {
    const single = run(
      dialect,
      cutAt(
        bytes,
        Array.from({ length: bytes.length }, (_, i) => i),
      ),
    );
    expect(single.answer).toEqual(whole.answer);
  });

  it('gives readers of chunks what readers of bytes get', () => {
    const read = run(dialect, cutAt(bytes, [7, 100, 101, 500]), { wants: 'chunks' });
    expect(read.answer).toEqual(whole.answer);
    expect(read.chunks.length).toBeGreaterThan(5);
  });

  it('holds the end mark back', () => {
    expect(whole.tail).toBe('data: [DONE]\n\n');
    expect(whole.sent).not.toMatch(/^data: \[DONE\]/m);
  });

  it('drops usage that the caller did not ask for, and nothing else', () => {
    const dropped = run(dialect, [bytes], { dropUsage: true });
    expect(dropped.answer).toEqual(whole.answer);
    const events = (sent: string) => sent.split('\n\n').filter((event) => event !== '');
    expect(events(dropped.sent)).toEqual(events(whole.sent).filter((event) => !/^data: .*"choices":\[\],/.test(event)));
    expect(events(dropped.sent).length).toBe(events(whole.sent).length - 1);
  });
});

describe("the pass-through of OpenAI's shape", () => {
  const { bytes } = streams['openai'] ?? { bytes: Buffer.alloc(0) };

  it('changes no byte', () => {
    const { sent, tail } = run(openaiDialect, [bytes]);
    expect(sent + tail).toBe(bytes.toString());
  });

  it('a line beyond the cap ends it', () => {
    expect(() => run(openaiDialect, [Buffer.alloc(defaultLimits.maxLineBytes + 2, 'a')])).toThrow(/longer than/);
  });

  it('half an event at the end is not handed on, and the stream counts as cut', () => {
    const cut = bytes.subarray(0, bytes.indexOf('finish_reason":"stop"'));
    const { sent, complete } = run(openaiDialect, [cut]);
    expect(complete).toBe(false);
    expect(sent.endsWith('\n\n')).toBe(true);
  });
});
