import type { AnyObject } from '@whetstone/contract';
import { Accumulator } from '../wire/accumulate.ts';
import type { Answer, ChatChunk, ChatDelta } from '../wire/chat.ts';
import { asList, asObject, asText } from '../wire/read.ts';

/** A whole answer in OpenAI's shape from what a stream left. */
export function completionOf({ id, model, choices, usage, envelope }: Answer, created: number): AnyObject {
  return {
    id,
    object: 'chat.completion',
    created: envelope['created'] ?? created,
    model,
    choices: choices.map(({ index, message, finishReason, logprobs }) => {
      const thought = (message.thinking ?? []).map((block) => (block.type === 'thinking' ? block.thinking : '')).join('');
      return {
        index,
        message: { ...message, content: message.content ?? null, refusal: null, ...(thought === '' ? {} : { reasoning_content: thought }) },
        logprobs,
        finish_reason: finishReason,
      };
    }),
    ...(usage === null ? {} : { usage: usageOf(usage) }),
  };
}

function usageOf({ promptTokens, outputTokens, cachedTokens, reasoningTokens }: NonNullable<Answer['usage']>): AnyObject {
  return {
    prompt_tokens: promptTokens ?? 0,
    completion_tokens: outputTokens ?? 0,
    total_tokens: (promptTokens ?? 0) + (outputTokens ?? 0),
    prompt_tokens_details: { cached_tokens: cachedTokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
  };
}

export function answerOf(completion: AnyObject): Answer {
  const accumulator = new Accumulator();
  accumulator.add(completion);
  return accumulator.answer();
}

/** Characters of a piece, about: a few words. */
const pieceLength = 24;

/** A whole answer as the chunks of a stream, the last with the usage where that is wanted. */
export function* chunksOf(completion: AnyObject, withUsage: boolean): Generator<ChatChunk> {
  const frame = {
    id: asText(completion['id']) ?? '',
    object: 'chat.completion.chunk' as const,
    created: Number(completion['created'] ?? 0),
    model: asText(completion['model']) ?? '',
  };
  for (const [position, value] of asList(completion['choices']).entries()) {
    const choice = asObject(value) ?? {};
    const index = typeof choice['index'] === 'number' ? choice['index'] : position;
    const chunk = (delta: ChatDelta, reason: string | null = null, logprobs: unknown = null): ChatChunk => ({
      ...frame,
      choices: [{ index, delta, logprobs, finish_reason: reason }],
    });
    const message = asObject(choice['message']) ?? {};
    yield chunk({ role: 'assistant', content: '' });
    for (const text of pieces(asText(message['reasoning_content']) ?? '')) yield chunk({ reasoning_content: text });
    const thinking = asList(message['thinking']) as NonNullable<ChatDelta['thinking']>;
    if (thinking.length > 0) yield chunk({ thinking });
    const texts = pieces(asText(message['content']) ?? asText(message['refusal']) ?? '');
    // Probabilities belong to the whole text, so they come with its first piece.
    for (const [place, text] of texts.entries()) yield chunk({ content: text }, null, place === 0 ? (choice['logprobs'] ?? null) : null);
    for (const [place, call] of asList(message['tool_calls']).entries()) {
      yield chunk({ tool_calls: [{ ...(asObject(call) as object), index: place }] });
    }
    yield chunk({}, asText(choice['finish_reason']) ?? 'stop');
  }
  const usage = asObject(completion['usage']);
  if (withUsage && usage !== null) yield { ...frame, choices: [], usage: usage as unknown as NonNullable<ChatChunk['usage']> };
}

/** Whole words. */
function pieces(text: string): string[] {
  const list: string[] = [];
  for (let from = 0; from < text.length;) {
    const space = text.indexOf(' ', from + pieceLength);
    const to = space < 0 ? text.length : space;
    list.push(text.slice(from, to));
    from = to;
  }
  return list;
}
