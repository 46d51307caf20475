import { setTimeout as sleep } from 'node:timers/promises';
import type { FeedbackItem, Scope } from '@whetstone/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredJudgment } from '../logs/index.ts';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import type { Given } from './index.ts';
import { answered, type FeedbackHouse, openFeedbackHouse, type Replica } from './test/house.ts';

describeOnEditions('feedback', (open) => {
  let storage: Storage;
  let house: FeedbackHouse;
  beforeAll(async () => {
    storage = await open();
    house = await openFeedbackHouse(storage);
  });
  afterAll(async () => {
    await house.close();
    await storage.close();
  });

  const give = async (scope: Scope, items: readonly FeedbackItem[], at: Replica = house): Promise<Given[]> =>
    at.feedback.give(scope, items);
  const one = async (scope: Scope, item: FeedbackItem, at: Replica = house): Promise<Given> => (await give(scope, [item], at))[0]!;
  const said = async (scope: Scope, id: string, at: Replica = house): Promise<StoredJudgment[]> =>
    (await at.logs.judgmentsOf(scope, [id])).get(id) ?? [];
  const values = async (scope: Scope, id: string, at: Replica = house) => (await said(scope, id, at)).map(({ value }) => value);
  const eventually = async <T>(ask: () => Promise<T>, is: (answer: T) => boolean): Promise<T> => {
    for (let n = 0; ; n += 1) {
      const answer = await ask();
      if (is(answer) || n > 150) return answer;
      await sleep(100);
    }
  };

  test('repeating replaces, options are added and taken back, and what is removed is gone', async () => {
    const scope = await house.workspace();
    const { id } = await house.logs.record(scope, answered({ user: 'u1', referenceId: 'r1' }));
    const first = await one(scope, { log_id: id, kind: 'vote', value: 'good' });
    expect(first).toMatchObject({ status: 'accepted', logId: id, error: null });
    expect(await one(scope, { reference_id: 'r1', kind: 'feedback/vote', value: 'bad', user: 'u1' })).toMatchObject({
      status: expect.any(String) as string,
    });
    await eventually(
      () => values(scope, id),
      (found) => found[0] === 'bad',
    );
    expect(await one(scope, { log_id: id, kind: 'vote', value: 'bad' })).toEqual(first);
    expect(await values(scope, id)).toEqual(['bad']);
    for (const value of ['copied', ['accepted'], 'copied']) await one(scope, { log_id: id, kind: 'action', value });
    expect((await said(scope, id)).find(({ value }) => Array.isArray(value))).toMatchObject({
      value: ['copied', 'accepted'],
      judge: 'u1',
      source: 'user',
    });
    expect(await one(scope, { log_id: id, kind: 'action', value: 'copied', remove: true })).toMatchObject({ status: 'removed' });
    // A vote that was changed since is not taken back by whoever takes back the old one.
    await one(scope, { log_id: id, kind: 'vote', value: 'good', remove: true });
    expect(await values(scope, id)).toEqual(expect.arrayContaining(['bad', ['accepted']]));
    expect(await one(scope, { log_id: id, kind: 'vote', remove: true })).toMatchObject({ status: 'removed', id: first.id });
    await one(scope, { log_id: id, kind: 'action', value: 'accepted', remove: true });
    expect(await values(scope, id)).toEqual([]);
    expect(await one(scope, { log_id: id, kind: 'vote', value: 'good' })).toEqual(first);
    expect(await values(scope, id)).toEqual(['good']);
  });

  test('a batch is answered item by item, in order, and what names one judgment twice leaves the last', async () => {
    const scope = await house.workspace();
    const { id } = await house.logs.record(scope, answered({ user: 'u1' }));
    const given = await give(scope, [
      { log_id: id, kind: 'rating', value: 3 },
      { log_id: id, kind: 'rating', value: 9 },
      { log_id: id, kind: 'nothing', value: 'x' },
      { log_id: id, kind: 'rating', value: 'four' },
      { kind: 'vote', value: 'good' },
      { log_id: id, reference_id: 'r', kind: 'vote', value: 'good' },
      { log_id: id, kind: 'vote' },
      { log_id: id, kind: 'rating', value: 4, comment: 'Better now' },
      { log_id: id, kind: 'action', value: ['copied', 'flown'] },
    ]);
    expect(given.map(({ status }) => status)).toEqual([
      'accepted',
      'refused',
      'refused',
      'refused',
      'refused',
      'refused',
      'refused',
      'accepted',
      'refused',
    ]);
    expect(given[1]?.error?.message).toContain('from 1 to 5');
    expect(given[2]?.error?.message).toContain('There are `vote`, `action`, `correction`, `comment`, `issue`, `rating`');
    expect(await said(scope, id)).toMatchObject([{ value: 4, reason: 'Better now' }]);
  });

  test('what comes before its log waits, and joins it with all that the log says and how much was edited', async () => {
    const scope = await house.workspace();
    const id = house.logs.newId();
    const early = await give(scope, [
      { log_id: id, kind: 'vote', value: 'good' },
      { log_id: id, kind: 'vote', value: 'bad' },
      { reference_id: 'later', kind: 'correction', value: 'The refund takes ten days.', user: 'someone' },
      { reference_id: 'later', kind: 'action', value: 'copied' },
      { reference_id: 'later', kind: 'action', value: ['accepted', 'edited'] },
      { reference_id: 'later', kind: 'action', value: 'copied', remove: true },
    ]);
    expect(new Set(early.map(({ status, id: judgment }) => `${status} ${judgment}`))).toEqual(new Set(['waiting null']));
    expect((await house.feedback.arrivals(scope, null)).waiting).toBe(3);
    await house.logs.record(
      scope,
      answered({
        id,
        user: 'u1',
        session: 's1',
        unit: 'x1',
        environmentId: 'env_1',
        experimentId: 'exp_1',
        armId: 'arm_1',
        referenceId: 'later',
      }),
    );
    const found = await eventually(
      () => said(scope, id),
      (all) => all.length === 3,
    );
    expect(found.map(({ value, judge }) => [value, judge])).toEqual(
      expect.arrayContaining([
        ['bad', 'u1'],
        [['accepted', 'edited'], 'u1'],
        ['The refund takes ten days.', 'someone'],
      ]),
    );
    const edit = found.find(({ judge }) => judge === 'someone')?.edit;
    expect(edit).toMatchObject({ kind: 'words', kept: 5 / 6 });
    await house.logs.drained(5_000);
    const rows = await storage.logDatabase.query<Record<string, unknown>>(
      `SELECT DISTINCT log_file_id, log_version_id, log_environment_id, log_user, log_unit, log_session, log_experiment_id, log_arm_id, log_kind
       FROM judgments FINAL WHERE workspace_id = {workspace:String} AND deleted = 0`,
      { workspace: scope.workspaceId },
    );
    expect(rows).toEqual([
      {
        log_file_id: 'pr_1',
        log_version_id: 'prv_1',
        log_environment_id: 'env_1',
        log_user: 'u1',
        log_unit: 'x1',
        log_session: 's1',
        log_experiment_id: 'exp_1',
        log_arm_id: 'arm_1',
        log_kind: 'prompt',
      },
    ]);
    expect((await house.feedback.arrivals(scope, null)).waiting).toBe(0);
  });

  test('feedback of a deleted log is refused, and what waits goes with its log, user and workspace', async () => {
    const scope = await house.workspace();
    const { id } = await house.logs.record(scope, answered());
    await house.logs.delete(scope, [id]);
    expect(await one(scope, { log_id: id, kind: 'vote', value: 'good' })).toMatchObject({
      status: 'refused',
      error: { code: 'not_found' },
    });
    await give(scope, [
      { log_id: 'never', kind: 'vote', value: 'good' },
      { reference_id: 'never', kind: 'comment', value: 'Too long', user: 'u9' },
      { reference_id: 'never', kind: 'vote', value: 'bad', user: 'u8' },
    ]);
    expect(await house.feedback.carry.waiting(scope)).toHaveLength(3);
    await house.feedback.deleteLogs(scope, ['never']);
    await house.feedback.deleteUser(scope, 'u9');
    const [left] = await house.feedback.carry.waiting(scope);
    expect(left).toMatchObject({ judge: 'u8', by_reference: true, log: 'never' });
    const other = await house.workspace();
    await house.feedback.carry.take(other, [left!]);
    expect(await house.feedback.carry.waiting(other)).toEqual([left]);
    await house.feedback.deleteWorkspace(other.workspaceId);
    expect(await house.feedback.carry.waiting(other)).toEqual([]);
    expect(await house.feedback.carry.waiting(scope)).toHaveLength(1);
  });

  test('two replicas count each judgment once, and neither undoes what the other took', async () => {
    const scope = await house.workspace();
    const other = house.replica({ joins: false });
    try {
      const { id } = await house.logs.record(scope, answered({ user: 'u1' }));
      await house.logs.drained(5_000);
      // Neither has seen in the store what the other wrote.
      const said = await Promise.all([
        one(scope, { log_id: id, kind: 'action', value: 'copied' }),
        one(scope, { log_id: id, kind: 'action', value: 'accepted' }, other),
        one(scope, { log_id: id, kind: 'vote', value: 'good' }),
      ]);
      await one(scope, { log_id: id, kind: 'vote', value: 'bad' }, other);
      expect(new Set(said.map(({ status }) => status))).toEqual(new Set(['accepted']));
      await Promise.all([house.logs.drained(5_000), other.logs.drained(5_000)]);
      const rows = await storage.logDatabase.query<{ value_labels: string[]; value_text: string }>(
        'SELECT value_labels, value_text FROM judgments FINAL WHERE workspace_id = {workspace:String} AND deleted = 0 ORDER BY value_text',
        { workspace: scope.workspaceId },
      );
      expect(rows.map(({ value_labels, value_text }) => [...value_labels.toSorted(), value_text])).toEqual([
        ['accepted', 'copied', ''],
        ['bad'],
      ]);
      // Judged on one while the log is in the other's queue.
      const late = await house.logs.record(scope, answered({ user: 'u2' }));
      expect((await one(scope, { log_id: late.id, kind: 'vote', value: 'good' }, other)).status).toBe('waiting');
      expect(
        await eventually(
          () => values(scope, late.id),
          (found) => found.length > 0,
        ),
      ).toEqual(['good']);
    } finally {
      await other.close();
    }
  });

  test('a clock that is ahead says now, and one that is behind is believed; what counts is what was said last', async () => {
    const scope = await house.workspace();
    const { id } = await house.logs.record(scope, answered({ user: 'u1' }));
    await one(scope, { log_id: id, kind: 'vote', value: 'good', created_at: '2199-01-01T00:00:00Z' });
    expect((await said(scope, id))[0]!.at.getTime()).toBeLessThanOrEqual(Date.now());
    await one(scope, { log_id: id, kind: 'vote', value: 'bad', created_at: '2020-01-01T00:00:00Z' });
    expect(await said(scope, id)).toMatchObject([{ value: 'bad', at: new Date('2020-01-01') }]);
  });

  test("v5's judgments of a human evaluator are the same thing: one counts, whichever way it came last", async () => {
    const scope = await house.workspace();
    const { id } = await house.logs.record(scope, answered({ user: 'u1' }));
    const { snapshot } = await house.files.resolve(scope, 'evaluator', { path: 'feedback/vote' });
    const append = (value: string) =>
      house.logs.judge(scope, {
        evaluatorId: snapshot.file.id,
        evaluatorVersionId: snapshot.version.id,
        logId: id,
        source: 'user',
        judge: 'u1',
        value,
        origin: 'api',
      });
    await append('good');
    await sleep(2);
    await one(scope, { log_id: id, kind: 'vote', value: 'bad' });
    expect(await values(scope, id)).toEqual(['bad']);
    await sleep(2);
    await append('good');
    expect(await values(scope, id)).toEqual(['good']);
    await house.logs.drained(5_000);
    expect(await house.logs.judgmentCounts(scope, 'pr_1', [snapshot.file.id])).toMatchObject([{ value: 'good', n: 1 }]);
  });

  test('the summary counts logs and users: rates, shares and the amount edited, over time and by version', async () => {
    const scope = await house.workspace();
    const now = Date.now();
    for (let n = 0; n < 40; n += 1) {
      const at = new Date(now - (n % 4) * 86_400_000 - 60_000);
      const { id } = await house.logs.record(
        scope,
        answered({ user: `u${n % 20}`, versionId: n % 2 === 0 ? 'prv_a' : 'prv_b', createdAt: at, startTime: at }),
      );
      if (n % 2 === 0) await one(scope, { log_id: id, kind: 'vote', value: n % 4 === 0 ? 'good' : 'bad' });
      if (n % 10 === 0) await one(scope, { log_id: id, kind: 'correction', value: 'The refund takes five days!' });
    }
    await house.logs.drained(5_000);
    const summary = await house.feedback.summary(scope, { fileId: 'pr_1', environment: null, from: null, to: null, buckets: 30 });
    expect(summary.logs).toBe(40);
    const vote = summary.kinds.find(({ evaluator }) => evaluator.path === 'feedback/vote')!;
    expect(vote.measure).toBe('share');
    expect(vote.whole.rate).toMatchObject({ n: 40, units: 20, estimate: 0.5 });
    expect(vote.whole.value).toMatchObject({ n: 20, units: 10, estimate: 0.5 });
    expect(vote.whole.value.lower!).toBeLessThan(0.5);
    expect(vote.whole.options).toEqual([
      { name: 'bad', valence: 'negative', logs: 10 },
      { name: 'good', valence: 'positive', logs: 10 },
    ]);
    expect(vote.buckets.map(({ rate }) => rate.n).reduce((sum, n) => sum + n, 0)).toBe(40);
    expect(vote.versions.find(({ version_id: id }) => id === 'prv_a')?.rate.estimate).toBe(1);
    expect(vote.versions.find(({ version_id: id }) => id === 'prv_b')?.rate.estimate).toBe(0);
    const correction = summary.kinds.find(({ evaluator }) => evaluator.path === 'feedback/correction')!;
    expect(correction.measure).toBe('edited');
    expect(correction.whole.value.estimate).toBeCloseTo(1 / 27, 5);
    const comment = summary.kinds.find(({ evaluator }) => evaluator.path === 'feedback/comment')!;
    expect(comment.whole.value).toMatchObject({ n: 0, estimate: null });
    expect(comment.whole.rate).toMatchObject({ n: 40, estimate: 0 });
  });

  test('a publishable key may send so much, its users and addresses less', () => {
    const many = (n: number, user: string) => Array.from({ length: n }, () => user);
    expect(house.feedback.spend('k', '10.0.0.1', many(300, 'u1'))).toBeNull();
    expect(house.feedback.spend('k', '10.0.0.2', many(2, 'u1'))).toBeGreaterThan(0);
    expect(house.feedback.spend('k', '10.0.0.2', many(2, 'u2'))).toBeNull();
    for (let n = 0; n < 2; n += 1) house.feedback.spend('k', '10.0.0.3', many(300, `v${n}`));
    expect(house.feedback.spend('k', '10.0.0.3', many(10, 'w'))).toBeGreaterThan(0);
    expect(house.feedback.spend('other', '10.0.0.3', many(10, 'w'))).toBeNull();
  });
});
