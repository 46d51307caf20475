import type { ChatMessage, ChatRole, PromptKernel } from '@whetstone/contract';
import { textOf } from '../log/content.ts';

/** Small edits of what a version consists of. None changes its argument. */

export const roles: ChatRole[] = ['system', 'user', 'assistant', 'tool', 'developer'];

/** The template as messages; a completion template has none. */
export function messagesOf(kernel: PromptKernel): ChatMessage[] | null {
  return typeof kernel.template === 'string' ? null : (kernel.template ?? []);
}

export function isCompletion(kernel: PromptKernel): boolean {
  return typeof kernel.template === 'string' || kernel.endpoint === 'complete';
}

export function hasImages(kernel: PromptKernel): boolean {
  return (messagesOf(kernel) ?? []).some(({ content }) => Array.isArray(content) && content.some((part) => part.type === 'image_url'));
}

/** From messages to one text and back; the words stay. */
export function toggleCompletion(kernel: PromptKernel): PromptKernel {
  if (typeof kernel.template === 'string') return { ...kernel, endpoint: 'chat', template: [{ role: 'user', content: kernel.template }] };
  const text = (kernel.template ?? []).map(textOf).join('\n\n');
  return { ...kernel, endpoint: 'complete', template: text };
}

/** Sets a field, or takes it out when the value is null: absent and null are the same version. */
export function withField<K extends keyof PromptKernel>(kernel: PromptKernel, field: K, value: PromptKernel[K] | null): PromptKernel {
  const next = { ...kernel };
  if (value === null || value === undefined) delete next[field];
  else next[field] = value;
  return next;
}

export function replaceAt<T>(list: readonly T[], at: number, item: T): T[] {
  return list.map((one, index) => (index === at ? item : one));
}
export function removeAt<T>(list: readonly T[], at: number): T[] {
  return list.filter((_, index) => index !== at);
}
export function moveBy<T>(list: readonly T[], at: number, by: number): T[] {
  const next = [...list];
  const [item] = next.splice(at, 1);
  if (item !== undefined) next.splice(Math.max(0, at + by), 0, item);
  return next;
}

/** A text of JSON that must be an object; or why it is none. */
export function readObject(text: string): { value: Record<string, unknown> } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value: value as Record<string, unknown> };
    return { problem: 'This must be a JSON object: { … }.' };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'This is not JSON.' };
  }
}

/** An input as it was typed: JSON objects and lists are read as such, everything else is text. */
export function readInput(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
