import type { AnyObject, ToolCall } from '@whetstone/contract';
import type { ChatUsage, Thinking } from '../wire/chat.ts';
import { asObject, asText } from '../wire/read.ts';
import { plainText } from './content.ts';

/** What dialects share whose messages are lists of blocks, with the system's words apart: Anthropic's and Bedrock's. */
export interface BlockWriter {
  content(content: unknown): AnyObject[];
  assistant(message: AnyObject): AnyObject[];
  toolResult(message: AnyObject): AnyObject;
}

/** System messages go apart; tool results are the user's; neighbours of one role become one message. */
export function turnsOf(
  list: readonly unknown[],
  write: BlockWriter,
): { system: string[]; messages: { role: string; content: AnyObject[] }[] } {
  const system: string[] = [];
  const messages: { role: string; content: AnyObject[] }[] = [];
  for (const value of list) {
    const message = asObject(value) ?? {};
    const role = asText(message['role']);
    if (role === 'system' || role === 'developer') {
      const text = plainText(message['content']);
      if (text !== '') system.push(text);
      continue;
    }
    const wanted = role === 'assistant' ? 'assistant' : 'user';
    const content =
      role === 'tool' ? [write.toolResult(message)] : role === 'assistant' ? write.assistant(message) : write.content(message['content']);
    if (content.length === 0) continue;
    const last = messages.at(-1);
    if (last?.role === wanted) last.content.push(...content);
    else messages.push({ role: wanted, content });
  }
  return { system, messages };
}

/** A whole answer of blocks as the one choice of OpenAI's. */
export function completionChoice(
  said: { text: readonly string[]; thinking: readonly Thinking[]; calls: readonly ToolCall[] },
  finishReason: string,
) {
  const { text, thinking, calls } = said;
  const reasoning = thinking.map((block) => (block.type === 'thinking' ? block.thinking : '')).join('');
  return {
    index: 0,
    message: {
      role: 'assistant',
      content: text.length > 0 ? text.join('') : null,
      refusal: null,
      ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
      ...(thinking.length > 0 ? { thinking: [...thinking] } : {}),
      ...(calls.length > 0 ? { tool_calls: [...calls] } : {}),
    },
    logprobs: null,
    finish_reason: finishReason,
  };
}

/** They count cached tokens beside the input, OpenAI within. */
export function usageBeside(count: { input: number; cacheRead: number; cacheWrite: number; output: number }): ChatUsage {
  const prompt = count.input + count.cacheRead + count.cacheWrite;
  return {
    prompt_tokens: prompt,
    completion_tokens: count.output,
    total_tokens: prompt + count.output,
    prompt_tokens_details: { cached_tokens: count.cacheRead },
  };
}
