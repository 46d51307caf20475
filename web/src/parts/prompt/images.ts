import type { ChatMessage, ContentPart } from '@whetstone/contract';

/** Images of messages. None of these changes its argument. */

type ImagePart = Extract<ContentPart, { type: 'image_url' }>;
export type Detail = NonNullable<ImagePart['image_url']['detail']>;

/** Forms that every vendor with vision takes. */
export const imageTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];

/** Text and images as parts, with one text at least, so that there is always something to write in. */
export function editableParts(content: ChatMessage['content']): ContentPart[] {
  if (!Array.isArray(content)) return [{ type: 'text', text: content ?? '' }];
  return content.some((part) => part.type === 'text') ? content : [{ type: 'text', text: '' }, ...content];
}

/** Content in its shortest form: text without images is a text, and empty text beside an image is left out. */
export function contentOfParts(parts: readonly ContentPart[]): string | ContentPart[] {
  const texts = parts.filter((part) => part.type === 'text');
  if (texts.length === parts.length && parts.length <= 1) return texts[0]?.text ?? '';
  return parts.filter((part) => part.type !== 'text' || part.text !== '');
}

/** The message with an image after what it says. */
export function withImage(message: ChatMessage, url: string): ChatMessage {
  return { ...message, content: contentOfParts([...editableParts(message.content), { type: 'image_url', image_url: { url } }]) };
}

/** The same image under another address or with another detail; null leaves the detail to the provider. */
export function changedImage(part: ImagePart, change: { url?: string; detail?: Detail | null }): ImagePart {
  const { url, detail } = { ...part.image_url, ...change };
  return { type: 'image_url', image_url: detail == null ? { url } : { url, detail } };
}
