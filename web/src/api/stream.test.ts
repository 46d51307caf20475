import { describe, expect, it } from 'vitest';
import { eventReader, lineReader } from './stream.ts';

describe('server-sent events', () => {
  it('come whole, however the text is cut', () => {
    const text = 'event: logs\ndata: {"count":2}\n\n: still here\n\ndata: a\ndata: b\n\n';
    for (const size of [1, 3, 7, text.length]) {
      const read = eventReader();
      const found = [];
      for (let at = 0; at < text.length; at += size) found.push(...read(text.slice(at, at + size)));
      expect(found).toEqual([
        { event: 'logs', data: '{"count":2}' },
        { event: 'message', data: 'a\nb' },
      ]);
    }
  });
});

describe('lines', () => {
  it('come whole, however the text is cut', () => {
    const text = '{"a":1}\n\n{"b":"two"}\n';
    for (const size of [1, 3, text.length]) {
      const read = lineReader();
      const found = [];
      for (let at = 0; at < text.length; at += size) found.push(...read(text.slice(at, at + size)));
      expect(found).toEqual(['{"a":1}', '{"b":"two"}']);
    }
  });
});
