import { AppError } from '@whetstone/contract';
import type { ErrorCode, ReviewQueueRequest, Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../files/index.ts';
import type { LogFilter } from '../logs/index.ts';
import { type Helpers, openReviewHouse, type ReviewHouse } from './test/house.ts';

let house: ReviewHouse;
let reviews: ReviewHouse['reviews'];
let made: Helpers;
let workspaces = 0;
let [ann, ben, cid, editor]: Scope[] = [];

beforeAll(async () => {
  house = await openReviewHouse();
  reviews = house.reviews;
});
afterAll(() => house?.close());
beforeEach(async () => {
  const workspaceId = `ws_review_${++workspaces}`;
  made = house.in(workspaceId);
  house.members.length = 0;
  house.ahead.ms = 0;
  [ann, ben, cid] = ['ann', 'ben', 'cid'].map((name) => ({ ...house.person(name), workspaceId }));
  editor = { ...house.person('edith', 'editor'), workspaceId };
  await house.files.prepareWorkspace(workspaceId);
});

const who = (scope: Scope | undefined): Scope => scope as Scope;
const queueOf = async (human: Snapshot<'evaluator'>, more: Partial<ReviewQueueRequest> & { logs?: string[]; filter?: LogFilter } = {}) => {
  const { logs, ...rest } = more;
  const source = logs === undefined ? { type: 'filter' as const, live: false } : { type: 'logs' as const, log_ids: logs };
  return reviews.create(who(editor), {
    name: 'Look at answers',
    evaluators: [{ id: human.file.id }],
    source,
    assignees: [],
    overlap: 1,
    share: 1,
    blind: false,
    filter: {},
    ...rest,
  });
};
const say = (human: Snapshot<'evaluator'>, judgment: boolean | string | number, reason: string | null = null) => ({
  answers: [{ evaluator_id: human.file.id, judgment, reason }],
  seconds: 5,
});
const refused = async (attempt: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> => {
  const error: unknown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).message).toMatch(message);
  expect((error as AppError).code).toBe(code);
};

describe('queues', () => {
  test('is filled from a filter in an order that is by chance and stays', async () => {
    const human = await made.evaluator('ask/good', {});
    const ids = await made.logs(30);
    const queue = await queueOf(human);
    expect(queue).toMatchObject({ items: 30, complete: 0, mine: { assigned: true, done: 0, left: 30 } });
    const items = await reviews.claim(who(ann), queue.id, { count: 5, held: [] });
    const order = items.map(({ subjects: [subject] }) => subject?.log_id);
    expect(order).toHaveLength(5);
    expect(order).not.toEqual(ids.slice(0, 5));
    expect(order).not.toEqual(ids.toReversed().slice(0, 5));
    const again = await reviews.claim(who(ann), queue.id, { count: 5, held: [] });
    expect(again.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  });

  test('takes a share, a limit, and refuses what cannot be reviewed', async () => {
    const human = await made.evaluator('ask/good', {});
    const code = await made.evaluator('ask/code', { evaluator_type: 'external' });
    await refused(queueOf(human), 'invalid_input', /No log matches/);
    await made.logs(200);
    expect((await queueOf(human, { limit: 7 })).items).toBe(7);
    const { items } = await queueOf(human, { share: 0.25 });
    expect(items).toBeGreaterThan(20);
    expect(items).toBeLessThan(85);
    await refused(queueOf(code), 'invalid_input', /not answered by people/);
    await refused(queueOf(human, { evaluators: [] }), 'invalid_input', /at least one human evaluator/);
    await refused(queueOf(human, { assignees: ['usr_nobody'] }), 'invalid_input', /not a member/);
    const viewer = house.person('vic', 'viewer');
    await refused(queueOf(human, { assignees: [viewer.actor.id] }), 'invalid_input', /may not judge/);
    await refused(queueOf(human, { logs: ['log_nothing'] }), 'not_found', /log_nothing/);
  });

  test('new logs that match join a live queue', async () => {
    const human = await made.evaluator('ask/good', {});
    const filter = { models: ['gpt-4o-mini'] };
    const queue = await queueOf(human, { source: { type: 'filter', live: true }, filter });
    expect(queue.items).toBe(0);
    await made.logs(4, (index) => (index === 0 ? { model: 'another' } : {}));
    await expect.poll(async () => (await reviews.get(who(ann), queue.id)).items, { timeout: 20_000 }).toBe(3);
    await reviews.start();
    expect((await reviews.get(who(ann), queue.id)).items).toBe(3);
  });
});

describe('claims', () => {
  test('of many people at once no more than the overlap get the same item, and everybody gets something', async () => {
    const human = await made.evaluator('ask/good', {});
    await made.logs(12);
    const queue = await queueOf(human, { overlap: 2 });
    const people = Array.from({ length: 8 }, (_, index) => ({ ...house.person(`p${index}`), workspaceId: who(editor).workspaceId }));
    const taken = await Promise.all(people.map((person) => reviews.claim(person, queue.id, { count: 3, held: [] })));
    const times = new Map<string, number>();
    for (const { id } of taken.flat()) times.set(id, (times.get(id) ?? 0) + 1);
    expect(taken.map(({ length }) => length)).toEqual(Array.from({ length: 8 }, () => 3));
    expect([...times.values()]).toEqual(Array.from({ length: 12 }, () => 2));
    expect(await reviews.claim(who(ann), queue.id, { count: 1, held: [] })).toEqual([]);
  });

  test('a lease that is over frees the place; who comes late is still heard', async () => {
    const human = await made.evaluator('ask/good', {});
    await made.logs(1);
    const queue = await queueOf(human);
    const [item] = await reviews.claim(who(ann), queue.id, { count: 1, held: [] });
    expect(await reviews.claim(who(ben), queue.id, { count: 1, held: [] })).toEqual([]);
    expect((await reviews.get(who(ben), queue.id)).mine.left).toBe(0);
    house.ahead.ms = (reviews.leaseSeconds + 1) * 1000;
    expect((await reviews.claim(who(ben), queue.id, { count: 1, held: [] })).map(({ id }) => id)).toEqual([item?.id]);
    expect(await reviews.answer(who(ann), queue.id, item?.id ?? '', say(human, true))).toHaveLength(1);
    expect(await reviews.answer(who(ben), queue.id, item?.id ?? '', say(human, false))).toHaveLength(1);
    expect((await reviews.get(who(ben), queue.id)).answers).toBe(2);
  });

  test('only those who are asked, and only people', async () => {
    const human = await made.evaluator('ask/good', {});
    await made.logs(2);
    const queue = await queueOf(human, { assignees: [who(ann).actor.id] });
    expect((await reviews.get(who(ann), queue.id)).mine).toMatchObject({ assigned: true, left: 2 });
    expect((await reviews.get(who(ben), queue.id)).mine).toMatchObject({ assigned: false, left: 0 });
    await refused(reviews.claim(who(ben), queue.id, { count: 1, held: [] }), 'forbidden', /assigned to others/);
    const key: Scope = { ...who(ann), actor: { type: 'key', id: 'key_1', name: 'k', role: 'editor', environment: null } };
    await refused(reviews.claim(key, queue.id, { count: 1, held: [] }), 'forbidden', /by people/);
    await reviews.update(who(editor), queue.id, { closed: true });
    await refused(reviews.claim(who(ann), queue.id, { count: 1, held: [] }), 'conflict', /closed/);
  });

  test('a removed member is asked no more, and what they said stays', async () => {
    const human = await made.evaluator('ask/good', {});
    await made.logs(2);
    const queue = await queueOf(human, { assignees: [who(ann).actor.id, who(ben).actor.id], overlap: 2 });
    const [item] = await reviews.claim(who(ann), queue.id, { count: 1, held: [] });
    await reviews.answer(who(ann), queue.id, item?.id ?? '', say(human, true));
    house.members.splice(
      house.members.findIndex(({ id }) => id === who(ann).actor.id),
      1,
    );
    const after = await reviews.get(who(ben), queue.id);
    expect(after.assignees.map(({ id }) => id)).toEqual([who(ben).actor.id]);
    expect(after.answers).toBe(1);
    const { evaluators } = await reviews.agreement(who(ben), queue.id);
    expect(evaluators[0]?.raters).toMatchObject([{ name: 'A former member', items: 1 }]);
  });
});

describe('judging', () => {
  test('an answer is an ordinary human judgment; sent twice it is there once; undone it is gone; skipped it goes to others', async () => {
    const human = await made.evaluator('ask/good', {});
    const [logId = ''] = await made.logs(1);
    const queue = await queueOf(human);
    const [item] = await reviews.claim(who(ann), queue.id, { count: 1, held: [] });
    const id = item?.id ?? '';
    const first = await reviews.answer(who(ann), queue.id, id, { ...say(human, true, 'clear'), correction: 'Better so.' });
    expect(first).toHaveLength(2);
    expect(await reviews.answer(who(ann), queue.id, id, say(human, false, 'unclear'))).toEqual([first[0]]);
    await made.settled();
    const judged = async () => (await house.logs.judgmentsOf(who(ann), [logId])).get(logId) ?? [];
    expect(await judged()).toMatchObject([
      { source: 'human', judge: 'usr_ann', value: false, reason: 'unclear', metadata: { review: { queue_id: queue.id, item_id: id } } },
    ]);
    expect((await reviews.get(who(ann), queue.id)).mine).toMatchObject({ done: 1, left: 0, median_seconds: 5 });
    await reviews.undo(who(ann), queue.id, id);
    await made.settled();
    expect(await judged()).toEqual([]);
    expect((await reviews.get(who(ann), queue.id)).mine).toMatchObject({ done: 0, left: 1 });
    await reviews.skip(who(ann), queue.id, id);
    expect(await reviews.claim(who(ann), queue.id, { count: 1, held: [] })).toEqual([]);
    expect(await reviews.claim(who(ben), queue.id, { count: 1, held: [] })).toHaveLength(1);
    await reviews.undo(who(ann), queue.id, id);
    expect(await reviews.answer(who(ann), queue.id, id, say(human, true))).toEqual([first[0]]);
    await made.settled();
    expect(await judged()).toMatchObject([{ value: true }]);
  });

  test('refuses an answer of another type, to another question, and to an item that was not taken', async () => {
    const human = await made.evaluator('ask/good', {});
    await made.logs(1);
    const queue = await queueOf(human);
    const [item] = await reviews.claim(who(ann), queue.id, { count: 1, held: [] });
    const id = item?.id ?? '';
    await refused(reviews.answer(who(ann), queue.id, id, say(human, 'yes')), 'invalid_input', /true or false/);
    const foreign = { answers: [{ evaluator_id: 'ev_other', judgment: true }] };
    await refused(reviews.answer(who(ann), queue.id, id, foreign), 'invalid_input', /not asked/);
    await refused(reviews.answer(who(ann), queue.id, id, { answers: [] }), 'invalid_input', /at least one/);
    await refused(reviews.answer(who(ann), queue.id, id, { answers: [], choice: 'left' } as never), 'invalid_input', /no left and right/);
    await refused(reviews.answer(who(cid), queue.id, id, say(human, true)), 'conflict', /not taken/);
    await refused(reviews.answer({ ...who(ann), workspaceId: 'ws_else' }, queue.id, id, say(human, true)), 'not_found', /queue/);
  });

  test('blind hides the log, its version, its model and what others said', async () => {
    const human = await made.evaluator('ask/good', {});
    const [logId = ''] = await made.logs(1);
    await made.judge(human, logId, false, { source: 'human', judge: 'usr_ben' });
    await made.settled();
    const open = await queueOf(human);
    const blind = await queueOf(human, { blind: true });
    const [seen] = await reviews.claim(who(ann), open.id, { count: 1, held: [] });
    expect(seen?.subjects[0]).toMatchObject({
      log_id: logId,
      model: 'gpt-4o-mini',
      file: { path: 'shop/answer' },
      judgments: [{ judge: 'ben', judgment: false }],
    });
    await reviews.answer(who(ann), open.id, seen?.id ?? '', say(human, true));
    await made.settled();
    const mine = await reviews.item(who(ann), open.id, seen?.id ?? '');
    expect(mine).toMatchObject({ mine: { answers: [{ judgment: true }] }, subjects: [{ judgments: [{ judge: 'ben', judgment: false }] }] });
    const [hidden] = await reviews.claim(who(ann), blind.id, { count: 1, held: [] });
    expect(hidden?.subjects[0]).toMatchObject({
      log_id: null,
      model: null,
      file: null,
      created_at: null,
      judgments: [],
      output: 'Answer 0',
    });
    expect(JSON.stringify(hidden)).not.toMatch(/gpt-4o|shop\/answer|usr_ben/);
    expect(JSON.stringify(hidden)).not.toContain(logId);
  });

  test('a log that was deleted is given to nobody and counts nowhere', async () => {
    const human = await made.evaluator('ask/good', {});
    const ids = await made.logs(3);
    const queue = await queueOf(human);
    await house.logs.delete(who(ann), ids.slice(0, 2));
    const items = await reviews.claim(who(ann), queue.id, { count: 3, held: [] });
    expect(items.map(({ subjects: [subject] }) => subject?.log_id)).toEqual([ids[2]]);
    expect(await reviews.get(who(ann), queue.id)).toMatchObject({ items: 1, mine: { left: 1 } });
    await house.logs.delete(who(ann), [ids[2] ?? '']);
    await refused(reviews.answer(who(ann), queue.id, items[0]?.id ?? '', say(human, true)), 'not_found', /Log/);
    await refused(reviews.item(who(ann), queue.id, items[0]?.id ?? ''), 'not_found', /Log/);
    expect(await reviews.claim(who(ann), queue.id, { count: 1, held: [] })).toEqual([]);
  });
});
