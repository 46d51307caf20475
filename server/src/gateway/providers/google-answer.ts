import type { AnyObject } from '@whetstone/contract';
import { normaliseFinishReason } from '../wire/accumulate.ts';
import type { AssistantMessage, ChatChunk, ChatUsage } from '../wire/chat.ts';
import { asCount, asList, asNumber, asObject, asText, parseJson } from '../wire/read.ts';
import { frameOf } from './content.ts';
import { type DecodeContext, type StreamDecoder, StreamFailure } from './dialect.ts';
import { readCommonError } from './errors.ts';
import { embeddingList } from './vectors.ts';

type Calls = NonNullable<AssistantMessage['tool_calls']>;
interface Piece {
  text: string | null;
  reasoning: string | null;
  calls: Calls;
  finishReason: string | null;
}

/** A whole answer in OpenAI's shape. A blocked prompt is an answer without words that ended by the filter. */
export function decodeContent(body: unknown, context: DecodeContext): AnyObject {
  const answer = asObject(body);
  if (answer === null || (answer['candidates'] === undefined && answer['promptFeedback'] === undefined)) {
    throw new Error('Gemini answered with something other than candidates.');
  }
  const piece = readPiece(answer, 0);
  const reason = piece.finishReason ?? 'stop';
  return {
    ...frameOf(
      'chat.completion',
      asText(answer['responseId']) ?? context.id,
      context.created,
      asText(answer['modelVersion']) ?? context.model,
    ),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: piece.text,
          refusal: null,
          ...(piece.reasoning === null ? {} : { reasoning_content: piece.reasoning }),
          ...(piece.calls.length > 0 ? { tool_calls: piece.calls } : {}),
        },
        logprobs: logprobsOf(answer),
        finish_reason: reason === 'stop' && piece.calls.length > 0 ? 'tool_calls' : reason,
      },
    ],
    ...usagePart(answer),
  };
}

function readPiece(answer: AnyObject, callsBefore: number): Piece {
  const candidate = asObject(asList(answer['candidates'])[0]);
  const piece: Piece = { text: null, reasoning: null, calls: [], finishReason: null };
  const reason = asText(candidate?.['finishReason']);
  if (reason !== null && reason !== 'FINISH_REASON_UNSPECIFIED') piece.finishReason = normaliseFinishReason(reason).toLowerCase();
  if (candidate === null && asText(asObject(answer['promptFeedback'])?.['blockReason']) !== null) piece.finishReason = 'content_filter';
  for (const value of asList(asObject(candidate?.['content'])?.['parts'])) {
    const part = asObject(value);
    const text = asText(part?.['text']);
    if (text !== null && part?.['thought'] === true) piece.reasoning = (piece.reasoning ?? '') + text;
    else if (text !== null) piece.text = (piece.text ?? '') + text;
    const call = asObject(part?.['functionCall']);
    if (call === null) continue;
    const signature = asText(part?.['thoughtSignature']);
    piece.calls.push({
      id: asText(call['id']) ?? `call_${callsBefore + piece.calls.length}`,
      type: 'function',
      function: { name: asText(call['name']) ?? '', arguments: JSON.stringify(call['args'] ?? {}) },
      ...(signature === null ? {} : { extra_content: { google: { thought_signature: signature } } }),
    });
  }
  return piece;
}

/** What was chosen at each place, and what else might have been. */
function logprobsOf(answer: AnyObject): AnyObject | null {
  const result = asObject(asObject(asList(answer['candidates'])[0])?.['logprobsResult']);
  if (result === null) return null;
  const one = (value: unknown): AnyObject => {
    const candidate = asObject(value);
    const token = asText(candidate?.['token']) ?? '';
    return { token, logprob: asNumber(candidate?.['logProbability']), bytes: [...Buffer.from(token)] };
  };
  const others = asList(result['topCandidates']);
  const content = asList(result['chosenCandidates']).map((chosen, place) => ({
    ...one(chosen),
    top_logprobs: asList(asObject(others[place])?.['candidates']).map(one),
  }));
  return { content, refusal: null };
}

/** Gemini counts thoughts beside the candidates, OpenAI within. */
function usagePart(answer: AnyObject): { usage?: ChatUsage } {
  const usage = asObject(answer['usageMetadata']);
  if (usage === null) return {};
  const prompt = asCount(usage['promptTokenCount']) ?? 0;
  const thoughts = asCount(usage['thoughtsTokenCount']) ?? 0;
  const completion = (asCount(usage['candidatesTokenCount']) ?? 0) + thoughts;
  return {
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: asCount(usage['cachedContentTokenCount']) ?? 0 },
      completion_tokens_details: { reasoning_tokens: thoughts },
    },
  };
}

/** Each event is a whole answer with the next piece in it. There is no end mark but a finish reason. */
export class GoogleStream implements StreamDecoder {
  readonly #context: DecodeContext;
  #begun = false;
  #calls = 0;
  done = false;

  constructor(context: DecodeContext) {
    this.#context = context;
  }

  event(data: string): ChatChunk[] {
    const answer = asObject(parseJson(data));
    if (answer === null) throw new Error(`Gemini sent a piece of its stream that is not JSON: ${data.slice(0, 120)}`);
    if (asObject(answer['error']) !== null) throw new StreamFailure(readCommonError(500, data));
    const piece = readPiece(answer, this.#calls);
    const frame = frameOf(
      'chat.completion.chunk',
      asText(answer['responseId']) ?? this.#context.id,
      this.#context.created,
      asText(answer['modelVersion']) ?? this.#context.model,
    );
    const chunks: ChatChunk[] = [];
    const say = (delta: ChatChunk['choices'][number]['delta'], reason: string | null = null): void =>
      void chunks.push({
        ...frame,
        choices: [{ index: 0, delta, logprobs: delta.content ? logprobsOf(answer) : null, finish_reason: reason }],
      });
    if (!this.#begun) say({ role: 'assistant', content: '' });
    this.#begun = true;
    if (piece.reasoning !== null && piece.reasoning !== '') say({ reasoning_content: piece.reasoning });
    if (piece.text !== null && piece.text !== '') say({ content: piece.text });
    if (piece.calls.length > 0) say({ tool_calls: piece.calls.map((call, index) => ({ index: this.#calls + index, ...call })) });
    this.#calls += piece.calls.length;
    if (piece.finishReason !== null) {
      say({}, piece.finishReason === 'stop' && this.#calls > 0 ? 'tool_calls' : piece.finishReason);
      this.done = true;
      const usage = usagePart(answer).usage;
      if (usage !== undefined) chunks.push({ ...frame, choices: [], usage });
    }
    return chunks;
  }
}

/** Gemini does not count what it embeds. */
export function decodeEmbeddings(body: unknown, context: DecodeContext): AnyObject {
  const list = asObject(body)?.['embeddings'];
  if (!Array.isArray(list)) throw new Error('Gemini answered with something other than embeddings.');
  return embeddingList(
    list.map((value: unknown) => asObject(value)?.['values']),
    null,
    context,
  );
}
