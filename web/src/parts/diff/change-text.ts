import type { ContentPart } from '@whetstone/contract';
import type { KernelChange } from '@whetstone/domain';
import { shortened } from '../log/pictures.ts';

/** What a change of a version reads like: values as text, pictures by what tells them apart. */

/** Longer than a line, or with structure: shown as text. */
export function isText(change: KernelChange): boolean {
  return [change.before, change.after].some(
    (value) =>
      (typeof value === 'string' && (value.length > 60 || value.includes('\n') || change.path.startsWith('template'))) ||
      (typeof value === 'object' && value !== null),
  );
}

/** Whether the value is told in words, not in JSON. */
export function isProse(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string' || contentOf(value) !== null;
}

export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return shortened(value);
  const content = contentOf(value);
  if (content === null) return shortened(JSON.stringify(value, null, 2));
  const text = typeof content === 'string' ? content : content.map(partText).join('\n');
  return shortened(isObject(value) && typeof value.role === 'string' ? `${value.role}:\n${text}` : text);
}

/** Addresses of the images in a changed value: a content part's own, a message's, or the address itself. */
export function imagesIn(change: KernelChange, side: 'before' | 'after'): string[] {
  const value = change[side];
  if (typeof value === 'string') return change.path.endsWith('image_url.url') ? [value] : [];
  const content = contentOf(value);
  return Array.isArray(content) ? content.flatMap((part) => (part.type === 'image_url' ? [part.image_url.url] : [])) : [];
}

/** `template[0].content` is the first message. */
export function titleOf(path: string): string {
  const message = /^template\[(\d+)\](?:\.content(?:\[(\d+)\](?:\.(text|image_url)(?:\.(detail))?.*)?)?)?$/.exec(path);
  if (message === null) return path === 'template' ? 'Template' : path;
  const [, at, part, kind, detail] = message;
  const name = `Message ${Number(at) + 1}`;
  if (part === undefined) return name;
  return kind === 'image_url' ? `${name}, ${detail === undefined ? 'image' : 'detail of the image'}` : `${name}, part ${Number(part) + 1}`;
}

function partText(part: ContentPart): string {
  return part.type === 'text'
    ? part.text
    : `[image ${part.image_url.url}${part.image_url.detail ? `, ${part.image_url.detail} detail` : ''}]`;
}

/** The content of a message, or of a message's `content` field; null when the value is something else. */
function contentOf(value: unknown): string | ContentPart[] | null {
  const content =
    isObject(value) && 'role' in value && Object.keys(value).every((key) => key === 'role' || key === 'content') ? value.content : value;
  if (typeof content === 'string' && isObject(value)) return content;
  return Array.isArray(content) && content.length > 0 && content.every(isPart) ? content : null;
}

function isPart(value: unknown): value is ContentPart {
  if (!isObject(value)) return false;
  if (value.type === 'text') return typeof value.text === 'string';
  return value.type === 'image_url' && isObject(value.image_url) && typeof value.image_url.url === 'string';
}
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
