import type { AnyObject } from '@whetstone/contract';
import type { ChatUsage } from './chat.ts';
import { asObject } from './read.ts';

export interface ResponseFrame {
  id: string;
  /** Seconds since 1970. */
  createdAt: number;
  model: string;
  /** The caller's request, which a response repeats. */
  request: AnyObject;
}

/** A response before anything was said, key for key as OpenAI sends it. */
export function emptyResponse({ id, createdAt, model, request }: ResponseFrame): AnyObject {
  const reasoning = asObject(request['reasoning']);
  const text = asObject(request['text']);
  const given = (name: string, otherwise: unknown): unknown => request[name] ?? otherwise;
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status: 'in_progress',
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: given('instructions', null),
    max_output_tokens: given('max_output_tokens', null),
    max_tool_calls: given('max_tool_calls', null),
    model,
    output: [],
    parallel_tool_calls: given('parallel_tool_calls', true),
    previous_response_id: given('previous_response_id', null),
    prompt_cache_key: given('prompt_cache_key', null),
    reasoning: { effort: reasoning?.['effort'] ?? null, summary: reasoning?.['summary'] ?? null },
    safety_identifier: given('safety_identifier', null),
    service_tier: 'default',
    store: given('store', true),
    temperature: given('temperature', 1),
    text: { format: text?.['format'] ?? { type: 'text' }, verbosity: text?.['verbosity'] ?? 'medium' },
    tool_choice: given('tool_choice', 'auto'),
    tools: given('tools', []),
    top_logprobs: given('top_logprobs', 0),
    top_p: given('top_p', 1),
    truncation: given('truncation', 'disabled'),
    usage: null,
    user: given('user', null),
    metadata: given('metadata', {}),
  };
}

export function responsesUsage(usage: ChatUsage | null): AnyObject | null {
  if (usage === null) return null;
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: { cached_tokens: usage.prompt_tokens_details?.cached_tokens ?? 0 },
    output_tokens: usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens ?? 0 },
    total_tokens: usage.prompt_tokens + usage.completion_tokens,
  };
}
