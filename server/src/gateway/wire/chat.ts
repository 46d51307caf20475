import type { AnyObject, ChatMessage } from '@whetstone/contract';

/** OpenAI's chat shapes, the one form that calls have inside. What providers add beyond them is kept where it is. */

export interface ChatUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens?: number };
  completion_tokens_details?: { reasoning_tokens?: number };
}
export type Thinking = NonNullable<ChatMessage['thinking']>[number];
export interface ChatDelta {
  role?: 'assistant';
  content?: string | null;
  refusal?: string | null;
  reasoning_content?: string;
  /** Ours: finished blocks of thinking with their signatures, which the provider wants back. */
  thinking?: Thinking[];
  tool_calls?: {
    index: number;
    id?: string;
    type?: 'function';
    function?: { name?: string; arguments?: string };
    extra_content?: unknown;
  }[];
}
export interface ChatChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  choices: { index: number; delta: ChatDelta; logprobs?: unknown; finish_reason: string | null }[];
  usage?: ChatUsage | null;
}
export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: { index: number; message: AssistantMessage; logprobs: unknown; finish_reason: string }[];
  usage?: ChatUsage;
}
export interface AssistantMessage {
  role: 'assistant';
  content: string | null;
  refusal: string | null;
  reasoning_content?: string;
  thinking?: Thinking[];
  tool_calls?: { id: string; type: 'function'; function: { name: string; arguments: string }; extra_content?: unknown }[];
}

/** What a model answered, as logs keep it. */
export interface Answer {
  /** The provider's own id of the answer and the model it says it used. */
  id: string | null;
  model: string | null;
  choices: { index: number; text: string | null; message: ChatMessage; finishReason: string | null; logprobs: AnyObject | null }[];
  usage: Usage | null;
  /** The answer without its choices. */
  envelope: AnyObject;
}
/** Prompt tokens include cached ones, output tokens include reasoning. */
export interface Usage {
  promptTokens: number | null;
  outputTokens: number | null;
  reasoningTokens: number | null;
  cachedTokens: number | null;
}
