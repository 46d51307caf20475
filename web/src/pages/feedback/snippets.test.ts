import { feedbackRequest } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import { programs, snippet } from './snippets.ts';

const facts = { url: 'https://w.example', key: 'wsk_1', logId: 'log_1' };

describe('programs that send feedback', () => {
  it.each(['votes', 'actions', 'corrections'] as const)('are ten lines at most and hold address, key and log: %s', (sent) => {
    for (const { value } of programs) {
      const text = snippet(value, sent, facts);
      expect(text.split('\n').length).toBeLessThanOrEqual(10);
      for (const part of Object.values(facts)) expect(text).toContain(part);
    }
  });

  it.each(['votes', 'actions', 'corrections'] as const)('send what the API accepts: %s', (sent) => {
    const body = /-d '([\s\S]*)'$/.exec(snippet('curl', sent, facts))?.[1] ?? '';
    expect(feedbackRequest.parse(JSON.parse(body))).toMatchObject({ log_id: 'log_1', user: 'user-42' });
  });
});
