import { describe, expect, it } from 'vitest';
import { changedImage, contentOfParts, editableParts, withImage } from './images.ts';

const url = 'data:image/png;base64,iVBORw0KGgo=';
const image = { type: 'image_url' as const, image_url: { url } };

describe('images of a message', () => {
  it('stand after what the message says', () => {
    expect(withImage({ role: 'user', content: 'What is this?' }, url).content).toEqual([{ type: 'text', text: 'What is this?' }, image]);
    expect(withImage({ role: 'user', content: [image] }, 'https://example.com/b.png').content).toEqual([
      image,
      { type: 'image_url', image_url: { url: 'https://example.com/b.png' } },
    ]);
  });
  it('need no text, and leave a plain text when the last of them is taken out', () => {
    expect(withImage({ role: 'user', content: '' }, url).content).toEqual([image]);
    expect(editableParts([image])).toEqual([{ type: 'text', text: '' }, image]);
    expect(contentOfParts([{ type: 'text', text: 'Hello' }])).toBe('Hello');
    expect(contentOfParts([])).toBe('');
  });
  it('keep several texts apart', () => {
    const parts = [
      { type: 'text' as const, text: 'a' },
      { type: 'text' as const, text: 'b' },
    ];
    expect(contentOfParts(parts)).toEqual(parts);
  });
  it('have a detail only when one was chosen', () => {
    expect(changedImage(image, { detail: 'low' }).image_url).toEqual({ url, detail: 'low' });
    expect(changedImage(changedImage(image, { detail: 'low' }), { detail: null }).image_url).toEqual({ url });
  });
});
