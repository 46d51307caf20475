import { describe, expect, it } from 'vitest';
import { errorOf } from './errors.ts';

describe('what a person reads when a call failed', () => {
  it.each([
    [{ detail: 'Nothing there.' }, 'Nothing there.'],
    [{ detail: [{ loc: ['body', 'model'], msg: 'field required', type: 'missing' }] }, 'model: field required'],
    [{ detail: { type: 'rate_limit', message: 'Too fast.', code: 429 } }, 'Too fast.'],
    [{}, 'The server refused the request (418).'],
  ])('of %o is “%s”', (body, message) => {
    expect(errorOf(418, body).message).toBe(message);
  });
  it('keeps the facts of a conflict', () => {
    expect(errorOf(409, { detail: 'Changed.', current_version_id: 'prv_2' }).data.current_version_id).toBe('prv_2');
  });
});
