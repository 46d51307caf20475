import type { AnyObject } from '@whetstone/contract';

/** OpenAI's reasoning models refuse `max_tokens`. */
export function lengthParameter(model: string): 'max_tokens' | 'max_completion_tokens' {
  return /^(?:o\d|gpt-5)/.test(model) ? 'max_completion_tokens' : 'max_tokens';
}

/** The name of the limit as the model has it, where a route chose another model than the body was made for. */
export function withFittingLength(body: AnyObject, model: string): AnyObject {
  if (body['max_tokens'] == null || lengthParameter(model) === 'max_tokens') return body;
  const { max_tokens: most, ...rest } = body;
  return { max_completion_tokens: most, ...rest };
}
