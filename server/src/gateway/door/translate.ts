import type { AnyObject } from '@whetstone/contract';
import type { Provider } from '../providers/table.ts';
import { asList, asObject } from '../wire/read.ts';

/** Dialects that take thinking in tokens and hand signed thinking back. */
const thinksInTokens = new Set(['anthropic', 'google', 'bedrock']);

/** The chat body of a call in another shape as a provider takes it that does not speak the caller's. */
export function forProvider(body: AnyObject, provider: Provider): AnyObject {
  const translated: AnyObject = { ...body };
  const { dialect, id } = provider;
  if (thinksInTokens.has(dialect.id)) return translated;
  if (typeof body['reasoning_effort'] === 'number') translated['reasoning_effort'] = effortOf(body['reasoning_effort']);
  delete translated['top_k'];
  translated['messages'] = asList(body['messages']).map(withoutThinking);
  if ((id === 'openai' || id === 'azure') && body['max_tokens'] !== undefined) {
    // Takes both, but its reasoning models only this.
    translated['max_completion_tokens'] = body['max_tokens'];
    delete translated['max_tokens'];
  }
  return translated;
}

function effortOf(tokens: number): string {
  if (tokens <= 2048) return 'low';
  return tokens <= 8192 ? 'medium' : 'high';
}

function withoutThinking(value: unknown): unknown {
  const message = asObject(value);
  if (message === null || message['thinking'] === undefined) return value;
  const { thinking: _thinking, ...rest } = message;
  return rest;
}
