import type { FeedbackItem, Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { openTestStorage } from '../test/storage.ts';
import { answered, type FeedbackHouse, openFeedbackHouse, type Replica } from './test/house.ts';

/** A process that alone writes to the store asks it for less; what it answers is the same. */
describe('feedback in one process', () => {
  let storage: Storage;
  let house: FeedbackHouse;
  let alone: Replica;
  let scope: Scope;
  let asked: string[] = [];
  beforeAll(async () => {
    storage = await openTestStorage();
    const { logDatabase } = storage;
    const query: typeof logDatabase.query = (sql, ...rest) => {
      asked.push(sql);
      return logDatabase.query(sql, ...rest);
    };
    const counted = new Proxy(logDatabase, { get: (of, name) => (name === 'query' ? query : bound(of, name)) });
    house = await openFeedbackHouse({ ...storage, logDatabase: counted });
    alone = house.replica({ alone: true });
  });
  afterAll(async () => {
    await alone?.close();
    await house?.close();
    await storage?.close();
  });
  beforeEach(async () => {
    scope = await house.workspace();
  });

  const give = async (item: FeedbackItem) => (await alone.feedback.give(scope, [item]))[0]!;
  const values = async (id: string) => ((await alone.logs.judgmentsOf(scope, [id])).get(id) ?? []).map(({ value }) => value);
  const stored = async () => {
    expect(await alone.logs.drained(20_000)).toBe(true);
    asked = [];
  };

  test('what is said of a log of its own is new without a question, and changes what it said before', async () => {
    const { id } = await alone.logs.record(scope, answered({ user: 'u1' }));
    await stored();
    const first = await give({ log_id: id, kind: 'vote', value: 'good' });
    expect(asked.filter((sql) => sql.includes('FROM judgments'))).toEqual([]);
    expect(asked.filter((sql) => sql.includes('FROM logs'))).toHaveLength(1);
    await stored();
    await give({ log_id: id, kind: 'vote', value: 'bad', user: 'u2' });
    // Of the log nothing is asked again.
    expect(asked).toEqual([]);
    await stored();
    expect(await give({ log_id: id, kind: 'vote', value: 'bad', user: 'u1' })).toEqual(first);
    expect(asked.filter((sql) => sql.includes('FROM judgments'))).toHaveLength(1);
    await give({ log_id: id, kind: 'action', value: 'copied', user: 'u1' });
    await stored();
    await give({ log_id: id, kind: 'action', value: 'shared', user: 'u1' });
    await stored();
    expect(await values(id)).toHaveLength(3);
    expect(await values(id)).toEqual(expect.arrayContaining(['bad', 'bad', ['copied', 'shared']]));
  });

  test('a log that changed is judged as it is now, and one that was deleted not at all', async () => {
    const [kept, gone, erased] = await Promise.all(
      ['u1', 'u1', 'u2'].map(async (user) => (await alone.logs.record(scope, answered({ user, environmentId: 'env_1' }))).id),
    );
    await stored();
    for (const id of [kept!, gone!, erased!]) await give({ log_id: id, kind: 'vote', value: 'good' });
    await stored();
    await alone.logs.record(scope, { ...answered({ user: 'u1', environmentId: 'env_2' }), id: kept! });
    await alone.logs.delete(scope, [gone!]);
    await alone.logs.deleteUser(scope, 'u2');
    await stored();
    expect(await give({ log_id: gone!, kind: 'rating', value: 4 })).toMatchObject({ status: 'refused', error: { code: 'not_found' } });
    expect((await give({ log_id: erased!, kind: 'rating', value: 4 })).status).not.toBe('accepted');
    await give({ log_id: kept!, kind: 'rating', value: 4 });
    await stored();
    const rows = await storage.logDatabase.query<{ environment: string }>(
      `SELECT log_environment_id AS environment FROM judgments WHERE log_id = {id:String} AND value_type = 'number'`,
      { id: kept! },
    );
    expect(rows).toEqual([{ environment: 'env_2' }]);
  });

  test('a judgment that came under the id of feedback is found by what is said later', async () => {
    const { id } = await alone.logs.record(scope, answered({ user: 'u1' }));
    const judged = await give({ log_id: id, kind: 'vote', value: 'good' });
    // As an import brings it: of a log that nothing was said of here.
    const twin = await alone.logs.record(scope, answered({ user: 'u1' }));
    await alone.logs.judge(scope, {
      id: judged.id!,
      evaluatorId: 'ev_other',
      evaluatorVersionId: 'evv_1',
      logId: twin.id,
      source: 'user',
      judge: 'u1',
      value: 'bad',
      origin: 'import',
    });
    await stored();
    await give({ log_id: twin.id, kind: 'vote', value: 'good' });
    expect(asked.filter((sql) => sql.includes('FROM judgments'))).toHaveLength(1);
  });
});

function bound<T extends object>(of: T, name: string | symbol): unknown {
  const value: unknown = Reflect.get(of, name);
  return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(of) : value;
}
