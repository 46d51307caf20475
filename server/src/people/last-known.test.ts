import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../storage/index.ts';
import { createLastKnown } from './last-known.ts';

function setUp() {
  const state = { ms: 0, loads: 0, value: 'first' as string | null, away: false, wait: Promise.resolve() };
  const known = createLastKnown<string>({
    what: 'A thing',
    now: () => state.ms,
    max: 3,
    patienceMs: 20,
    load: async () => {
      state.loads++;
      const { value } = state;
      await state.wait;
      if (state.away) throw new StoreUnavailableError('postgres', 'gone');
      return value;
    },
  });
  return { state, known };
}

test('an answer is at most a second old, and asked for ahead of time while in use', async () => {
  const { state, known } = setUp();
  expect(await known.get('k')).toBe('first');
  state.value = 'second';
  state.ms = 400;
  expect(await known.get('k')).toBe('first');
  expect(state.loads).toBe(1);
  state.ms = 600;
  expect(await known.get('k')).toBe('first');
  await new Promise(setImmediate);
  expect(state.loads).toBe(2);
  state.ms = 1_100;
  expect(await known.get('k')).toBe('second');
  state.value = 'third';
  state.ms = 2_200;
  expect(await known.get('k')).toBe('third');
});

test('many at once ask the store once', async () => {
  const { state, known } = setUp();
  await Promise.all(Array.from({ length: 50 }, () => known.get('k')));
  expect(state.loads).toBe(1);
});

test('while the store is away the last answer serves for 60 s, then nothing does', async () => {
  const { state, known } = setUp();
  await known.get('k');
  state.away = true;
  state.ms = 59_000;
  expect(await known.get('k')).toBe('first');
  const { loads } = state;
  expect(await known.get('k')).toBe('first');
  expect(state.loads).toBe(loads);
  await expect(known.get('never asked')).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
  state.ms = 61_000;
  await expect(known.get('k')).rejects.toMatchObject({ code: 'unavailable' });
});

test('a store that hangs is not waited for when there is a last answer', async () => {
  const { state, known } = setUp();
  await known.get('k');
  state.ms = 5_000;
  state.wait = new Promise<void>(() => undefined);
  expect(await known.get('k')).toBe('first');
});

test('what was being read when the answer changed is not kept (T30)', async () => {
  const { state, known } = setUp();
  let go = (): void => undefined;
  state.wait = new Promise<void>((resolve) => (go = resolve));
  const reading = known.get('k');
  state.value = 'demoted';
  known.drop('k');
  go();
  await reading;
  expect(await known.get('k')).toBe('demoted');
});

test('made-up keys drive no real one out, and are themselves bounded', async () => {
  const { state, known } = setUp();
  await known.get('real');
  state.value = null;
  for (let n = 0; n < 10; n++) await known.get(`made-up ${n}`);
  const { loads } = state;
  expect(await known.get('real')).toBe('first');
  expect(await known.get('made-up 9')).toBeNull();
  expect(state.loads).toBe(loads);
  await known.get('made-up 0');
  expect(state.loads).toBe(loads + 1);
});

test('an error that is not an absence of the store is told', async () => {
  const known = createLastKnown<string>({ what: 'A thing', now: () => 0, load: () => Promise.reject(new RangeError('bug')) });
  await expect(known.get('k')).rejects.toThrow('bug');
});
