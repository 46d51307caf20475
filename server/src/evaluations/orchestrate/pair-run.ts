import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from '@whetstone/contract';
import { logIdAt, makeLogId } from '@whetstone/domain';
import type { Snapshot } from '../../files/index.ts';
import type { Judged, Pair, Subject } from '../../judges/index.ts';
import type { Room } from '../context.ts';
import { withCallsOf } from './judge-run.ts';
import type { Ledger } from './ledger.ts';
import { type Matched, matchedLogs, type Pairing } from './pairings.ts';
import type { Purse } from './purse.ts';
import type { WorkedRun } from './store.ts';
import { Stopped } from './stopped.ts';

const atOnce = 8;
const mostTries = 6;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

interface Comparing {
  run: WorkedRun;
  ledger: Ledger;
  purse: Purse;
  signal: AbortSignal;
}
/** One judgment that is still to be made. */
interface Task extends Matched {
  evaluator: Snapshot<'evaluator'>;
  baselineId: string;
}

/**
 * Has the logs of a run compared with those of its baseline, each pair once. Rejects with the signal's reason, or `Stopped`.
 * @returns whether some have to wait for the baseline
 */
export async function judgePairs(room: Room, scope: Scope, pairings: readonly Pairing[], its: Comparing): Promise<boolean> {
  const { run, ledger, signal } = its;
  const tasks: Task[] = [];
  let waiting = false;
  for (const pairing of pairings) {
    const { matched, waits } = await matchedLogs(room, scope, run.id, pairing.baselineId);
    waiting ||= waits;
    tasks.push(...(await unjudged(room, scope, pairing, matched)));
  }
  ledger.expect(tasks.length);
  let next = 0;
  const failed: unknown[] = [];
  const worker = async (): Promise<void> => {
    while (failed.length === 0 && next < tasks.length) {
      signal.throwIfAborted();
      const task = tasks[next] as Task;
      next += 1;
      await judgeTask(room, scope, its, task).catch((error: unknown) => void failed.push(error));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  signal.throwIfAborted();
  const worst = failed.find((error) => !(error instanceof Stopped)) ?? failed[0];
  if (worst !== undefined) throw worst;
  return waiting;
}

/** Judged before are pairs with any answer of the baseline to the case: a log that an earlier run shares brings its judgment. */
async function unjudged(room: Room, scope: Scope, { baselineId, evaluators }: Pairing, matched: readonly Matched[]): Promise<Task[]> {
  const logIds = matched.map(({ logId }) => logId);
  const fileIds = [...new Set(evaluators.map(({ file }) => file.id))];
  const [pairs, all] = await Promise.all([room.logs.runs.pairs(scope, logIds, fileIds), room.logs.runs.judgments(scope, logIds, fileIds)]);
  const compared = new Set(pairs.map(({ logId, evaluatorVersionId, otherId }) => `${logId} ${evaluatorVersionId} ${otherId}`));
  const written = new Set(all.map(({ id }) => id));
  return evaluators.flatMap((evaluator) =>
    matched.flatMap((each) => {
      const task = { ...each, evaluator, baselineId };
      const done =
        each.otherId === null
          ? written.has(judgmentId(task))
          : each.others.some((otherId) => compared.has(`${each.logId} ${evaluator.version.id} ${otherId}`));
      return done ? [] : [task];
    }),
  );
}

async function judgeTask(room: Room, scope: Scope, its: Comparing, task: Task): Promise<void> {
  const { run, ledger, purse, signal } = its;
  if (task.otherId === null) {
    const reason = 'The baseline has no answer to this case.';
    await keep(room, scope, task, { outcome: 'not_judged', reason, stdout: null, costUsd: null, calls: [] });
    return ledger.finished();
  }
  const subjects = await room.judges.subjects(scope, [task.logId, task.otherId]).catch(() => null);
  if (subjects === null) {
    const reason = 'One of the two logs is gone, or what it said was not kept.';
    await keep(room, scope, task, { outcome: 'not_judged', reason, stdout: null, costUsd: null, calls: [] });
    return ledger.finished();
  }
  if (!(await purse.take(signal))) throw Stopped.byCost(run.maxCostUsd, purse.spent);
  let judged: Judged;
  try {
    judged = await judgePair(room, scope, task.evaluator, { subject: subjects[0] as Subject, other: subjects[1] as Subject }, signal);
  } catch (error) {
    purse.release();
    throw error;
  }
  await keep(room, scope, task, judged);
  purse.called(judged.costUsd ?? 0, judged.outcome === 'failed');
  if (judged.calls.length > 0) ledger.paid(judged.costUsd);
  ledger.finished();
  if (judged.calls.length > 0 && judged.costUsd === null && run.maxCostUsd !== null) throw Stopped.unpriced();
}

/** Again what a provider had no time for, after the pause that it asked for. */
async function judgePair(
  room: Room,
  scope: Scope,
  { file, version }: Snapshot<'evaluator'>,
  pair: Pair,
  signal: AbortSignal,
): Promise<Judged> {
  const judge = { path: file.path, spec: version.kernel.spec };
  let judged: Judged | null = null;
  for (let tries = 1; ; tries += 1) {
    const [one] = await room.judges.compare(scope, judge, [pair], { signal });
    const now = one as Judged;
    judged = judged === null ? now : withCallsOf(judged, now);
    if (now.outcome !== 'failed' || now.busy === undefined) return judged;
    if (now.busy.budget !== null) throw Stopped.byBudget(now.busy.budget);
    if (tries === mostTries) return judged;
    await sleep(Math.min(longestPauseMs, Math.max(now.busy.retryMs ?? 0, firstPauseMs * 2 ** (tries - 1))), undefined, { signal });
  }
}

/** One a log, version and baseline: what had no other answer yet is replaced when there is one. */
function judgmentId({ logId, evaluator, baselineId }: Pick<Task, 'logId' | 'evaluator' | 'baselineId'>): string {
  const digest = createHash('sha256').update(`${logId}\n${evaluator.version.id}\n${baselineId}`).digest();
  return makeLogId(logIdAt(logId) ?? 0, digest);
}

async function keep(room: Room, scope: Scope, task: Task, judged: Judged): Promise<void> {
  const { evaluator, logId, otherId } = task;
  const pair = otherId === null ? null : { log_id: otherId, orders: judged.pair?.orders ?? [] };
  await room.logs.judge(scope, {
    id: judgmentId(task),
    evaluatorId: evaluator.file.id,
    evaluatorVersionId: evaluator.version.id,
    logId,
    source: 'llm',
    value: judged.outcome === 'judged' ? judged.value : null,
    reason: judged.outcome === 'failed' ? null : judged.reason,
    error: judged.outcome === 'failed' ? judged.error : null,
    stdout: null,
    metadata: {
      ...(judged.calls.length === 0 ? {} : { cost_usd: judged.costUsd, calls: judged.calls }),
      ...(pair === null ? {} : { pair: { ...pair, orders: pair.orders.map((order) => ({ ...order })) } }),
    },
    createdAt: room.clock(),
    origin: 'evaluation',
  });
}
