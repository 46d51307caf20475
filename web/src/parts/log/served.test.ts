import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { servedOf } from './served.ts';

describe('how a call was served', () => {
  it('tells the route, what was tried, and where a cached answer came from', () => {
    const provider_response = {
      id: 'chatcmpl-1',
      route: { name: 'main', served_by: 'bedrock/nova' },
      earlier_attempts: [
        { provider: 'openai', model: 'gpt-4o', status: 503, error: 'Overloaded' },
        { provider: '', model: 'x', status: null, error: 'No credential.' },
      ],
      cached: { log_id: 'log_1', stored_at: '2026-11-23T14:00:00Z', saved_cost_usd: 0.002 },
    };
    expect(servedOf({ provider_response })).toEqual({
      route: 'main',
      tried: [
        { target: 'openai/gpt-4o', error: '503 Overloaded' },
        { target: 'x', error: 'No credential.' },
      ],
      cachedFrom: 'log_1',
      savedUsd: 0.002,
    });
  });

  it('is nothing where there was neither, whatever the provider answered', () => {
    const nothing = { route: null, tried: [], cachedFrom: null, savedUsd: null };
    expect(servedOf({ provider_response: null })).toEqual(nothing);
    expect(servedOf({ provider_response: { route: 'x', cached: true, earlier_attempts: { length: 3 } } })).toEqual(nothing);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('route', 'cached', 'earlier_attempts', 'x'), fc.jsonValue()), (provider_response) => {
        expect(Object.keys(servedOf({ provider_response }))).toEqual(Object.keys(nothing));
      }),
    );
  });
});
