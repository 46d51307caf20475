import { expect, test } from 'vitest';
import { watchRefusals } from './refusal.ts';

const backlog = { waiting: 0, oldestSeconds: null, error: null };

test('a queue that refuses is known by its last refusal, and gets another chance when none followed', () => {
  let now = 0;
  const refuses = watchRefusals(() => now);
  expect(refuses({ ...backlog, dropped: 0, refuses: null })).toBe(false);
  expect(refuses({ ...backlog, dropped: 1, refuses: 'ENOSPC' })).toBe(true);
  now += 14_000;
  expect(refuses({ ...backlog, dropped: 1, refuses: 'ENOSPC' })).toBe(true);
  expect(refuses({ ...backlog, dropped: 2, refuses: 'ENOSPC' })).toBe(true);
  now += 14_000;
  expect(refuses({ ...backlog, dropped: 2, refuses: 'ENOSPC' })).toBe(true);
  now += 2_000;
  expect(refuses({ ...backlog, dropped: 2, refuses: 'ENOSPC' })).toBe(false);
  expect(refuses({ ...backlog, dropped: 3, refuses: 'ENOSPC' })).toBe(true);
  expect(refuses({ ...backlog, dropped: 3, refuses: null })).toBe(false);
});
