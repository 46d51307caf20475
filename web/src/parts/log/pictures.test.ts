import { describe, expect, it } from 'vitest';
import { dataFacts, isPictureData, shortened } from './pictures.ts';

const url = 'data:image/png;base64,iVBORw0KGgo=';

describe('pictures inside messages', () => {
  it('say of what kind and how large they are', () => {
    expect(dataFacts(url)).toEqual({ type: 'png', bytes: 8 });
    expect(dataFacts('https://example.com/a.png')).toBeNull();
  });
  it('are shown only in kinds that cannot run anything', () => {
    expect([url, 'data:image/svg+xml;base64,AAAA', 'data:text/html,x', '/v5/logs', 'https://example.com/a.png'].map(isPictureData)).toEqual(
      [true, false, false, false, false],
    );
  });
  it('are cut short in a text, and two that differ still differ', () => {
    const long = (last: string) => `a data:image/png;base64,${'A'.repeat(400)}${last} b`;
    expect(shortened(long('B'))).toMatch(/^a \[png, 300 bytes, [0-9a-f]{8}\] b$/);
    expect(shortened(long('B'))).not.toBe(shortened(long('C')));
  });
});
