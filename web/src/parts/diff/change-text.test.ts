import { diffKernels } from '@whetstone/domain';
import { describe, expect, it } from 'vitest';
import { imagesIn, isProse, textOf, titleOf } from './change-text.ts';

const picture = (letter: string) => `data:image/png;base64,${letter.repeat(400)}`;
const kernel = (content: string | object[]) => ({ model: 'm', template: [{ role: 'user' as const, content: content as string }] });
const withPicture = (letter: string) => [
  { type: 'text', text: 'What is this?' },
  { type: 'image_url', image_url: { url: picture(letter) } },
];

describe('a change that has to do with an image', () => {
  it('shows the image that was added, and not its bytes', () => {
    const [change] = diffKernels(kernel('What is this?'), kernel(withPicture('A')));
    if (change === undefined) throw new Error('no change was found');
    expect(titleOf(change.path)).toBe('Message 1');
    expect([imagesIn(change, 'before'), imagesIn(change, 'after')]).toEqual([[], [picture('A')]]);
    expect(textOf(change.after)).toMatch(/^What is this\?\n\[image \[png, 300 bytes, [0-9a-f]{8}\]\]$/);
    expect(isProse(change.after)).toBe(true);
  });
  it('tells one image from the other', () => {
    const [change] = diffKernels(kernel(withPicture('A')), kernel(withPicture('B')));
    if (change === undefined) throw new Error('no change was found');
    expect(titleOf(change.path)).toBe('Message 1, image');
    expect([imagesIn(change, 'before'), imagesIn(change, 'after')]).toEqual([[picture('A')], [picture('B')]]);
  });
});
