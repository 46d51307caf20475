import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JudgmentValue, Scope } from '@whetstone/contract';
import { makeLogId } from '@whetstone/domain';
import type { Snapshot } from '../../files/index.ts';
import type { Judged } from '../../judges/index.ts';
import type { Arrival, StoredLog } from '../../logs/index.ts';
import type { Room } from '../context.ts';

/** What came of one log. */
export interface Outcome {
  arrival: Arrival;
  value: JudgmentValue | null;
  failed: boolean;
  costUsd: number | null;
  /** It was judged by this call, not before. */
  fresh: boolean;
  /** Whose log it is, where it says so: a user's, else a session's. */
  unit: string | null;
}

const codeAtOnce = 125;
const modelAtOnce = 8;
const mostLanes = { code: 2, model: 4 };
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
const mostTries = 7;

/** What a provider says when it is asked too much: the judgment is worth another try. */
const passing = /\b(429|503|529)\b|rate.?limit|too many requests|overloaded/i;

/**
 * The judgment of a log by a version, made by a monitor, has one id: it is there once however often it is made. The id names the
 * moment of the log, so that the store finds it without a detour.
 */
export function judgmentIdOf(log: Pick<Arrival, 'id' | 'at'>, versionId: string, monitorId: string): string {
  return makeLogId(log.at, createHash('sha256').update(`${log.id}\n${versionId}\n${monitorId}`).digest());
}

interface Judging {
  monitorId: string;
  evaluator: Snapshot<'evaluator'>;
  signal: AbortSignal;
  /** Asked before each batch of model calls. */
  mayGoOn: () => boolean;
  onOutcome: (outcome: Outcome) => void;
}

/** Judges what is not judged yet, a few batches at a time. What is gone meanwhile is left out; so is what `mayGoOn` does not allow. */
export async function judgeArrivals(room: Room, scope: Scope, arrivals: readonly Arrival[], judging: Judging): Promise<void> {
  const { evaluator, monitorId, onOutcome } = judging;
  const id = (arrival: Arrival): string => judgmentIdOf(arrival, evaluator.version.id, monitorId);
  const [logs, there] = await Promise.all([
    Promise.all(arrivals.map((arrival) => room.logs.find(scope, arrival.id))),
    Promise.all(arrivals.map((arrival) => room.logs.findJudgment(scope, id(arrival)))),
  ]);
  const open: { arrival: Arrival; log: StoredLog }[] = [];
  for (const [index, arrival] of arrivals.entries()) {
    const log = logs[index];
    const judgment = there[index];
    if (log == null) continue;
    if (judgment == null) open.push({ arrival, log });
    else onOutcome({ arrival, value: judgment.value, failed: judgment.error !== null, costUsd: null, fresh: false, unit: unitOf(log) });
  }
  await inBatches(room, scope, open, judging);
}

type Open = { arrival: Arrival; log: StoredLog };

async function inBatches(room: Room, scope: Scope, open: readonly Open[], judging: Judging): Promise<void> {
  const { spec } = judging.evaluator.version.kernel;
  const asks = spec.evaluator_type === 'llm' || (spec.evaluator_type === 'external' && spec.library?.model != null);
  const size = asks ? modelAtOnce : codeAtOnce;
  const batches = Array.from({ length: Math.ceil(open.length / size) }, (_, n) => open.slice(n * size, (n + 1) * size));
  // Fewer lanes for the rest of the page once a provider asked for less.
  const lanes = { most: asks ? mostLanes.model : mostLanes.code };
  const lane = async (number: number): Promise<void> => {
    for (;;) {
      if (number >= lanes.most || !judging.mayGoOn()) return;
      judging.signal.throwIfAborted();
      const batch = batches.shift();
      if (batch === undefined) return;
      await judgeBatch(room, scope, batch, judging, () => (lanes.most = Math.max(1, Math.floor(lanes.most / 2))));
    }
  };
  await Promise.all(Array.from({ length: lanes.most }, (_, number) => lane(number)));
}

async function judgeBatch(room: Room, scope: Scope, batch: readonly Open[], judging: Judging, refused: () => void): Promise<void> {
  const { evaluator, signal } = judging;
  const kept = batch.filter(({ log }) => log.payload === 'full');
  for (const { arrival, log } of batch) {
    if (log.payload !== 'full') await keep(room, scope, { arrival, log }, judging, notKept);
  }
  const subjects = await room.judges.subjectsOf(
    scope,
    kept.map(({ log }) => log),
  );
  const judge = { path: evaluator.file.path, spec: evaluator.version.kernel.spec };
  let left = kept.map((each, index) => ({ each, subject: subjects[index]! }));
  for (let tries = 1; left.length > 0; tries += 1) {
    const judged = await room.judges.judge(
      scope,
      judge,
      left.map(({ subject }) => subject),
      { signal },
    );
    const again = left.filter((_, index) => tries < mostTries && isPassing(judged[index]!));
    await Promise.all(
      left.map(async (one, index) => {
        if (!again.includes(one)) await keep(room, scope, one.each, judging, judged[index]!);
      }),
    );
    left = again;
    if (left.length === 0) return;
    refused();
    await sleep(Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1)), undefined, { signal });
  }
}

function isPassing(judged: Judged): boolean {
  return judged.outcome === 'failed' && passing.test(judged.error);
}

const notKept: Judged = { outcome: 'not_judged', reason: 'What the log said was not kept.', stdout: null, costUsd: null, calls: [] };

async function keep(room: Room, scope: Scope, { arrival, log }: Open, judging: Judging, judged: Judged): Promise<void> {
  const { evaluator, monitorId } = judging;
  const { spec } = evaluator.version.kernel;
  const value = judged.outcome === 'judged' ? judged.value : null;
  await room.logs.judge(scope, {
    id: judgmentIdOf(arrival, evaluator.version.id, monitorId),
    evaluatorId: evaluator.file.id,
    evaluatorVersionId: evaluator.version.id,
    logId: arrival.id,
    source: spec.evaluator_type === 'llm' ? 'llm' : 'code',
    value,
    reason: judged.outcome === 'failed' ? null : judged.reason,
    error: judged.outcome === 'failed' ? judged.error : null,
    stdout: judged.stdout,
    metadata: judged.calls.length === 0 ? null : { cost_usd: judged.costUsd, calls: judged.calls },
    createdAt: room.clock(),
    origin: 'evaluation',
    monitorId,
    keep: true,
  });
  const { outcome, costUsd } = judged;
  room.meters.count(outcome);
  judging.onOutcome({ arrival, value, failed: outcome === 'failed', costUsd, fresh: true, unit: unitOf(log) });
}

export function unitOf({ user, session }: Pick<StoredLog, 'user' | 'session'>): string | null {
  if (user !== null) return `u${user}`;
  return session === null ? null : `s${session}`;
}
