import type { Attempt, CallOptions } from './call.ts';
import { OutboundError } from '../../outbound/index.ts';
import type { Listener, Ready, Target } from '../room.ts';
import type { Answer, Usage } from '../wire/chat.ts';
import { asCount, asList, asObject, parseJson } from '../wire/read.ts';
import { sseEvent } from '../wire/sse.ts';

const mostSamples = 16;

/** How many requests `n` takes where the provider gives one sample a request. */
export function samplesToLoop(target: Target, ready: Ready): number {
  if (ready.kind !== 'chat' || target.provider.dialect.severalSamples) return 1;
  return Math.min(asCount(ready.body['n']) ?? 1, mostSamples);
}

type Answered = Extract<Attempt, { type: 'answered' }>;

/** Several samples as one answer: asked for side by side, choices numbered, usage added up. The first failure ends them all. */
export async function callSeveral(count: number, options: CallOptions, once: (options: CallOptions) => Promise<Attempt>): Promise<Attempt> {
  const running = new Map<number, { abort(error: OutboundError): void }>();
  let failed = false;
  options.running({ abort: (error) => running.forEach((handle) => handle.abort(error)) });
  const listener = shared(options.listener);
  const attempts = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const attempt = await once({
        ...options,
        listener,
        sample: options.sample + index,
        choiceOffset: index,
        ready: { ...options.ready, body: bodyOfOne(options.ready, index) },
        running: (handle) => void running.set(index, handle),
      });
      if (attempt.type !== 'answered' && !failed) {
        failed = true;
        for (const [other, handle] of running) if (other !== index) handle.abort(new OutboundError('aborted', 'Another sample failed.'));
      }
      return attempt;
    }),
  );
  const answered = attempts.filter((attempt): attempt is Answered => attempt.type === 'answered');
  const [first] = answered;
  const cause =
    attempts.find((attempt) => attempt.type === 'refused') ??
    attempts.find((attempt) => attempt.type === 'broken' && attempt.kind !== 'aborted');
  if (first !== undefined && answered.length === count) return merged(first, answered, options);
  return cause ?? attempts.find((attempt) => attempt.type === 'broken') ?? first ?? impossible();
}

/** A seed makes one sample repeatable, not all of them the same. Usage is added up at the end, so no part says its own. */
function bodyOfOne({ body }: Ready, index: number): Ready['body'] {
  const { n: _n, stream_options: _options, ...rest } = body;
  return typeof rest['seed'] === 'number' ? { ...rest, seed: rest['seed'] + index } : rest;
}

function shared(listener: Listener): Listener {
  let opened = false;
  return {
    signal: listener.signal,
    wants: listener.wants,
    open: (headers) => {
      if (!opened) listener.open(headers);
      opened = true;
    },
    bytes: (bytes) => listener.bytes(bytes),
    chunk: (chunk) => listener.chunk(chunk),
    drained: (resume) => listener.drained(resume),
  };
}

function merged(first: Answered, all: readonly Answered[], options: CallOptions): Answered {
  const answer: Answer = {
    ...first.answer,
    choices: all.flatMap(({ answer: own }, index) => own.choices.slice(0, 1).map((choice) => ({ ...choice, index }))),
    usage: addUp(all.map(({ answer: own }) => own.usage)),
  };
  const wire = wireUsage(answer.usage);
  if (first.body !== null) {
    const bodies = all.map(({ body }) => asObject(parseJson(String(body))) ?? {});
    const choices = bodies.flatMap((body, index) =>
      asList(body['choices'])
        .slice(0, 1)
        .map((choice) => ({ ...asObject(choice), index })),
    );
    return { ...first, answer, body: Buffer.from(JSON.stringify({ ...bodies[0], choices, ...(wire === null ? {} : { usage: wire }) })) };
  }
  const asked = asObject(options.ready.body['stream_options'])?.['include_usage'] === true && wire !== null;
  const { choices: _choices, ...frame } = answer.envelope;
  const usage = asked ? sseEvent({ ...frame, choices: [], usage: wire }) : '';
  return { ...first, answer, tail: first.tail === null ? null : Buffer.from(usage + first.tail.toString()) };
}

function addUp(list: readonly (Usage | null)[]): Usage | null {
  const known = list.filter((usage) => usage !== null);
  if (known.length < list.length) return null;
  const sum = (name: keyof Usage): number | null =>
    known.every((usage) => usage[name] === null) ? null : known.reduce((total, usage) => total + (usage[name] ?? 0), 0);
  return {
    promptTokens: sum('promptTokens'),
    outputTokens: sum('outputTokens'),
    reasoningTokens: sum('reasoningTokens'),
    cachedTokens: sum('cachedTokens'),
  };
}

function wireUsage(usage: Usage | null): object | null {
  if (usage === null) return null;
  const prompt = usage.promptTokens ?? 0;
  const completion = usage.outputTokens ?? 0;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
  };
}

function impossible(): never {
  throw new Error('No sample was asked for.');
}
