import { type JudgmentValue, systemScope } from '@whetstone/contract';
import { parseFilter } from '@whetstone/domain';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogFilter, NewJudgment } from './index.ts';
import { firstPage, openTestLogs, promptLog, type TestLogs } from './test/open.ts';

let room: TestLogs;
beforeAll(async () => {
  room = await openTestLogs();
});
afterAll(() => room.close());

let workspaces = 0;
const newScope = () => systemScope(`ws_judged_${++workspaces}`, 'test');
type Scope = ReturnType<typeof newScope>;
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const judge = (scope: Scope, logId: string, evaluatorId: string, value: JudgmentValue | null, more: Partial<NewJudgment> = {}) =>
  room.logs.judge(scope, { evaluatorId, evaluatorVersionId: 'evv_1', logId, source: 'user', value, origin: 'api', ...more });

async function found(scope: Scope, text: string, more: LogFilter = {}): Promise<string> {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const filter = { ...more, expression: parsed.filter };
  const { records, total } = await room.logs.list(scope, filter, firstPage);
  expect(total).toBe(records.length);
  return records
    .map(({ id }) => id)
    .sort()
    .join(' ');
}

test('logs are found by the value of a judgment, of every type', async () => {
  const scope = newScope();
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await room.logs.record(scope, promptLog({ id }));
  await judge(scope, 'a', 'ev', true);
  await judge(scope, 'b', 'ev', false);
  await judge(scope, 'c', 'ev', 0.25);
  await judge(scope, 'd', 'ev', ['slow', 'rude']);
  await judge(scope, 'e', 'ev', 'the answer is 42');
  await judge(scope, 'f', 'ev', null, { error: 'the model did not answer' });
  await judge(scope, 'g', 'ev_other', 'slow');
  const table: [string, string][] = [
    ['judged:ev', 'a b c d e'],
    ['-judged:ev', 'f g'],
    ['judged:*', 'a b c d e g'],
    ['judged:ev=true', 'a'],
    ['judged:ev=false', 'b'],
    ['judged:ev=0.25', 'c'],
    ['judged:ev<0.5', 'c'],
    ['judged:ev>=0.25', 'c'],
    ['judged:ev>0.25', ''],
    ['-judged:ev>0.25', 'a b c d e f g'],
    ['judged:ev=rude', 'd'],
    ['judged:ev=rude,true', 'a d'],
    ['judged:ev="the answer is 42"', 'e'],
    ['judged:ev="the answer"*', 'e'],
    ['judged:ev=error', 'f'],
    ['judged:*=slow', 'd g'],
    ['judged:ev,ev_other', 'a b c d e g'],
    [`judged:ev="') OR 1=1 --"`, ''],
    ['judged:nobody', ''],
  ];
  for (const [text, ids] of table) expect(`${text} → ${await found(scope, text)}`).toBe(`${text} → ${ids}`);
  expect(await found(newScope(), 'judged:*')).toBe('');
});

test('the newest judgment of each judge counts, and a deleted one does not', async () => {
  const scope = newScope();
  for (const id of ['changed', 'split', 'taken back', 'rewritten']) await room.logs.record(scope, promptLog({ id }));
  await judge(scope, 'changed', 'vote', 'bad', { judge: 'ada', createdAt: at(1) });
  await judge(scope, 'changed', 'vote', 'good', { judge: 'ada', createdAt: at(2) });
  await judge(scope, 'split', 'vote', 'bad', { judge: 'ada', createdAt: at(1) });
  await judge(scope, 'split', 'vote', 'good', { judge: 'bob', createdAt: at(2) });
  await judge(scope, 'taken back', 'vote', 'good', { judge: 'ada', createdAt: at(1) });
  const { id } = await judge(scope, 'taken back', 'vote', 'bad', { judge: 'ada', createdAt: at(2) });
  await judge(scope, 'rewritten', 'vote', 'bad', { id: 'v1' });
  await room.logs.drained(5_000);
  expect(await found(scope, 'judged:vote=bad')).toBe('rewritten split taken back');
  await room.logs.delete(scope, [id]);
  await judge(scope, 'rewritten', 'vote', 'good', { id: 'v1' });
  expect(await found(scope, 'judged:vote=bad')).toBe('split');
  expect(await found(scope, 'judged:vote=bad -judged:vote=good')).toBe('');
  expect(await found(scope, 'judged:vote=good')).toBe('changed rewritten split taken back');
});

test('a range of time keeps the judgments of its logs, whenever they were made', async () => {
  const scope = newScope();
  for (const [i, id] of ['early', 'late'].entries())
    await room.logs.record(scope, promptLog({ id, startTime: at(i * 100), createdAt: at(i * 100) }));
  await judge(scope, 'early', 'vote', 'bad', { createdAt: at(500) });
  await judge(scope, 'late', 'vote', 'bad', { createdAt: at(1) });
  await judge(scope, 'unknown yet', 'vote', 'bad', { createdAt: at(1) });
  await room.logs.record(scope, promptLog({ id: 'unknown yet', startTime: at(20), createdAt: at(20) }));
  expect(await found(scope, 'judged:vote=bad', { to: at(50) })).toBe('early unknown yet');
  expect(await found(scope, 'judged:vote=bad', { from: at(50) })).toBe('late');
  const { groups } = await room.logs.series(
    scope,
    { expression: (parseFilter('judged:vote=bad') as { filter: unknown }).filter },
    { buckets: 5, groupBy: 'none' },
  );
  expect(groups[0]?.count.reduce((sum, n) => sum + n, 0)).toBe(3);
});

test('logs are found by how much a correction changed, and by what people said against each other', async () => {
  const scope = newScope();
  const answers = { touched: 'one two three four.', redone: 'A whole other answer', left: 'one two three four', silent: null };
  for (const id of Object.keys(answers)) await room.logs.record(scope, promptLog({ id, output: 'one two three four' }));
  for (const [id, text] of Object.entries(answers)) if (text !== null) await judge(scope, id, 'correction', text, { correction: true });
  await judge(scope, 'redone', 'vote', 'bad', { judge: 'ada' });
  await judge(scope, 'redone', 'action', ['copied', 'accepted'], { judge: 'ada' });
  await judge(scope, 'touched', 'vote', 'bad', { source: 'llm' });
  const table: [string, string][] = [
    ['edited>0.3', 'redone'],
    ['edited>30%', 'redone'],
    ['edited<=5% edited>0', ''],
    ['edited<=10% edited>0', 'touched'],
    ['edited<=0', 'left'],
    ['kept<50%', 'redone'],
    ['-edited>0.3', 'left silent touched'],
    ['feedback:vote=bad feedback:action=accepted', 'redone'],
    ['feedback:vote', 'redone'],
    ['judged:vote', 'redone touched'],
  ];
  for (const [text, ids] of table) expect(`${text} → ${await found(scope, text)}`).toBe(`${text} → ${ids}`);
  await judge(scope, 'redone', 'correction', 'one two three four five', { correction: true, createdAt: new Date(Date.now() + 1_000) });
  expect(await found(scope, 'edited>30%')).toBe('');
});
