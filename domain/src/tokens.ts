import type { ChatMessage } from '@whetstone/contract';

/** A cheap guess at tokens for calls whose provider counts none. Whoever shows it marks it as estimated. */

export interface TokenEstimate {
  tokens: number;
  estimated: true;
}

/** A word of Latin letters is about one token per four letters; scripts without spaces come at about one per sign. */
const wordLetters = 4;
/** Roles and separators around a message. */
const messageTokens = 4;
/** A picture at the lowest detail; larger ones cost several times as much. */
const imageTokens = 85;
/** Longer texts are measured by a sample of so many characters, spread over the text. */
const sampleChars = 100_000;

export function estimateTokens(text: string): TokenEstimate {
  if (text.length <= sampleChars) return { tokens: count(text), estimated: true };
  const pieces = 20;
  const size = sampleChars / pieces;
  let sampled = 0;
  for (let i = 0; i < pieces; i++) {
    const start = Math.floor(((text.length - size) * i) / (pieces - 1));
    sampled += count(text.slice(start, start + size));
  }
  return { tokens: Math.ceil((sampled * text.length) / sampleChars), estimated: true };
}

/** For messages as a provider is sent them: texts, tool calls, names and pictures. */
export function estimateMessageTokens(messages: readonly ChatMessage[]): TokenEstimate {
  let tokens = 0;
  for (const { content, name, tool_calls: calls } of messages) {
    tokens += messageTokens + estimateTokens(name ?? '').tokens;
    if (typeof content === 'string') tokens += estimateTokens(content).tokens;
    else for (const part of content ?? []) tokens += part.type === 'text' ? estimateTokens(part.text).tokens : imageTokens;
    for (const call of calls ?? []) tokens += messageTokens + estimateTokens(call.function.name + (call.function.arguments ?? '')).tokens;
  }
  return { tokens, estimated: true };
}

function count(text: string): number {
  let tokens = 0;
  for (const [found] of text.matchAll(/[\p{Script=Latin}\p{M}]+|\d{1,3}|[\p{L}\p{N}]|[^\s\p{L}\p{N}]{1,2}|\n+/gu)) {
    tokens += /^\p{Script=Latin}/u.test(found) ? Math.max(1, found.length / (wordLetters + 1)) : 1;
  }
  return Math.ceil(tokens);
}
