import { describe, expect, it } from 'vitest';
import { returnedHeaders, withoutOwnHeaders } from './deny-list.ts';

describe("a provider's headers", () => {
  it('that only we may send are not believed', () => {
    const theirs = { 'x-whetstone-cache': 'hit', 'x-whetstone-log-id': 'log_theirs', 'x-ratelimit-limit-requests': '7', server: 'x' };
    expect(returnedHeaders(withoutOwnHeaders(theirs))).toEqual({ 'x-ratelimit-limit-requests': '7' });
    const plain = { 'content-type': 'application/json' };
    expect(withoutOwnHeaders(plain)).toBe(plain);
  });
});
