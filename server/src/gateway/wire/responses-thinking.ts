import type { AnyObject } from '@whetstone/contract';
import type { Thinking } from './chat.ts';
import { asList, asObject, asText, parseJson } from './read.ts';

/**
 * Thinking of providers that sign it, in the place where OpenAI puts its own sealed reasoning: who hands the item back
 * gives the provider what it wants to see again.
 */
const seal = 'whetstone:';

export function sealThinking(thinking: readonly Thinking[]): string {
  return seal + Buffer.from(JSON.stringify(thinking)).toString('base64');
}

/** The blocks of a reasoning item; of one that we did not seal, its summary as text without a signature. */
export function openThinking(item: AnyObject): Thinking[] {
  const sealed = asText(item['encrypted_content']);
  if (sealed?.startsWith(seal) === true) {
    const blocks = parseJson(Buffer.from(sealed.slice(seal.length), 'base64').toString('utf8'));
    return asList(blocks).flatMap((value): Thinking[] => {
      const block = asObject(value);
      if (block?.['type'] === 'redacted_thinking') return [{ type: 'redacted_thinking', data: asText(block['data']) ?? '' }];
      const thinking = asText(block?.['thinking']);
      return thinking === null ? [] : [{ type: 'thinking', thinking, signature: asText(block?.['signature']) ?? '' }];
    });
  }
  const thinking = summaryOf(item);
  return thinking === '' ? [] : [{ type: 'thinking', thinking, signature: '' }];
}

/** What a reasoning item tells of itself: its summary, else its text. */
export function summaryOf(item: AnyObject): string {
  const parts = asList(item['summary']).length > 0 ? item['summary'] : item['content'];
  return asList(parts)
    .map((part) => asText(asObject(part)?.['text']) ?? '')
    .join('\n\n');
}
