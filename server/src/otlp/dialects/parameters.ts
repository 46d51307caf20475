import type { AnyObject } from '@whetstone/contract';
import type { Reader } from '../attributes.ts';
import { genAi } from './gen-ai-names.ts';
import type { Reading } from './dialect.ts';
import { finishReasonOf, providerOf, toolsOf } from './messages.ts';

/** What dialects that grew out of one another have in common: the request's parameters and the counted tokens. */

/** A prompt's kernel as far as the request's parameters tell it. */
export function requestOf(span: Reader): AnyObject {
  const kernel: AnyObject = {};
  set(kernel, 'model', span.text(genAi.model));
  set(kernel, 'temperature', span.number(genAi.temperature));
  set(kernel, 'top_p', span.number(genAi.topP));
  set(kernel, 'max_tokens', whole(span.number(genAi.maxTokens)));
  set(kernel, 'frequency_penalty', span.number(genAi.frequencyPenalty, 'llm.frequency_penalty'));
  set(kernel, 'presence_penalty', span.number(genAi.presencePenalty, 'llm.presence_penalty'));
  set(kernel, 'seed', whole(span.number(genAi.seed, genAi.oldSeed)));
  const effort = span.text(genAi.reasoningEffort);
  if (effort !== null && efforts.has(effort)) kernel['reasoning_effort'] = effort;
  const stop = span.texts(genAi.stop);
  if (stop !== null && stop.length > 0) kernel['stop'] = stop;
  if (span.text(genAi.outputType) === 'json') kernel['response_format'] = { type: 'json_object' };
  const topK = span.number(genAi.topK);
  if (topK !== null) kernel['other'] = { top_k: topK };
  return kernel;
}

const efforts = new Set(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']);

export function withTools(kernel: AnyObject, definitions: unknown): AnyObject {
  const tools = toolsOf(definitions);
  return tools.length === 0 ? kernel : { ...kernel, tools };
}

/** The model that answered and what it counted. */
export function usageOf(span: Reader): Reading['log'] {
  const asked = span.peek(genAi.model);
  const reasons = span.texts(genAi.finishReasons);
  span.take(genAi.totalTokens);
  return {
    model: asked ?? span.text(genAi.responseModel),
    provider: providerOf(span.text(genAi.provider, genAi.system)),
    promptTokens: span.count(genAi.inputTokens, genAi.oldInputTokens),
    outputTokens: span.count(genAi.outputTokens, genAi.oldOutputTokens),
    cachedTokens: span.count(genAi.cachedTokens, genAi.oldCachedTokens),
    reasoningTokens: span.count(genAi.reasoningTokens, genAi.oldReasoningTokens),
    finishReason: finishReasonOf(reasons?.[0] ?? null),
  };
}

export function set(target: AnyObject, key: string, value: string | number | null): void {
  if (value !== null) target[key] = value;
}

/** The contract wants whole numbers where a sender's JavaScript may have written 50.0 or nonsense. */
export function whole(value: number | null): number | null {
  return value === null || !Number.isSafeInteger(value) ? null : value;
}
