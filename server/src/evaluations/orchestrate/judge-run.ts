import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from '@whetstone/contract';
import { logIdAt, makeLogId } from '@whetstone/domain';
import type { Snapshot } from '../../files/index.ts';
import type { Judged, Subject } from '../../judges/index.ts';
import type { Room } from '../context.ts';
import type { Ledger } from './ledger.ts';
import type { Purse } from './purse.ts';
import { Stopped } from './stopped.ts';

const batchSize = 50;
const gatherMs = 20;
const batchesAtOnce = 4;
const mostTries = 6;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

interface Judging {
  evaluators: readonly Snapshot<'evaluator'>[];
  ledger: Ledger;
  purse: Purse;
  signal: AbortSignal;
}

/** Judges the logs of one run with the server's evaluators, each log once an evaluator. */
export class JudgeRun {
  readonly #room: Room;
  readonly #scope: Scope;
  readonly #its: Judging;
  readonly #seen = new Set<string>();
  /** Made since this began: nobody can have judged them. */
  readonly #fresh = new Set<string>();
  #waiting: string[] = [];
  #timer: NodeJS.Timeout | null = null;
  #running = 0;
  #failed: unknown = null;
  #idle: (() => void)[] = [];

  constructor(room: Room, scope: Scope, its: Judging) {
    this.#room = room;
    this.#scope = scope;
    this.#its = its;
  }

  /** A log of the run that has to be judged. @param fresh it was made just now */
  add(logId: string, fresh = false): void {
    if (this.#seen.has(logId)) return;
    if (fresh) this.#fresh.add(logId);
    this.#seen.add(logId);
    if (this.#its.evaluators.length === 0) return this.#its.ledger.finished();
    this.#waiting.push(logId);
    // Others that end about now join the batch.
    if (this.#waiting.length >= batchSize) this.#next();
    else this.#timer ??= setTimeout(() => this.#next(), gatherMs);
  }

  /** Resolves when all that was added is judged; rejects with what went wrong meanwhile. */
  async settled(): Promise<void> {
    while (this.#failed === null && (this.#waiting.length > 0 || this.#running > 0)) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
    if (this.#failed !== null) throw this.#failed;
  }

  #next(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (this.#failed === null && this.#running < batchesAtOnce && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchSize);
      this.#running += 1;
      this.#judge(batch)
        .catch((error: unknown) => {
          this.#failed ??= error;
          this.#its.purse.close();
        })
        .finally(() => {
          this.#running -= 1;
          this.#next();
          if (this.#failed !== null || (this.#running === 0 && this.#waiting.length === 0))
            for (const resolve of this.#idle.splice(0)) resolve();
        });
    }
  }

  async #judge(logIds: readonly string[]): Promise<void> {
    const { evaluators, ledger, purse, signal } = this.#its;
    signal.throwIfAborted();
    const subjects = await subjectsOf(this.#room, this.#scope, logIds);
    const costs = new Map(logIds.map((id) => [id, 0]));
    await Promise.all(
      evaluators.map(async (evaluator) => {
        const judged = await this.#judgeBy(evaluator, subjects);
        await Promise.all(
          judged.map((each, index) => {
            const subject = subjects[index] as Subject;
            return keepJudgment(this.#room, this.#scope, evaluator, subject, each, this.#fresh.has(subject.logId));
          }),
        );
        for (const [index, { costUsd, calls }] of judged.entries()) {
          if (calls.length === 0) continue;
          const logId = subjects[index]?.logId ?? '';
          ledger.paid(costUsd);
          costs.set(logId, (costs.get(logId) ?? 0) + (costUsd ?? 0));
        }
      }),
    );
    for (const costUsd of costs.values()) purse.judged(costUsd);
    ledger.finished(logIds.length);
  }

  /** Again what a provider had no time for, after the pause that it asked for. */
  async #judgeBy(evaluator: Snapshot<'evaluator'>, subjects: readonly Subject[]): Promise<Judged[]> {
    const judge = { path: evaluator.file.path, spec: evaluator.version.kernel.spec };
    const { signal } = this.#its;
    const judged = await this.#room.judges.judge(this.#scope, judge, subjects, { signal });
    for (let tries = 1; tries < mostTries; tries += 1) {
      const again = judged.flatMap((each, index) =>
        each.outcome === 'failed' && each.busy !== undefined ? [{ index, busy: each.busy }] : [],
      );
      if (again.length === 0) break;
      const budget = again.find(({ busy }) => busy.budget !== null)?.busy.budget;
      if (budget != null) throw Stopped.byBudget(budget);
      const asked = Math.max(...again.map(({ busy }) => busy.retryMs ?? 0));
      await sleep(Math.min(longestPauseMs, Math.max(asked, firstPauseMs * 2 ** (tries - 1))), undefined, { signal });
      const some = again.map(({ index }) => subjects[index] as Subject);
      const better = await this.#room.judges.judge(this.#scope, judge, some, { signal });
      for (const [place, { index }] of again.entries()) judged[index] = withCallsOf(judged[index] as Judged, better[place] as Judged);
    }
    return judged;
  }
}

/** Calls that were made before it came to nothing cost too. */
export function withCallsOf(earlier: Judged, later: Judged): Judged {
  const costs = [earlier.costUsd, later.costUsd].filter((cost) => cost !== null);
  const costUsd = costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
  return { ...later, costUsd, calls: [...earlier.calls, ...later.calls] };
}

/** A log that is gone meanwhile, or whose payload was not kept, costs the others nothing. */
async function subjectsOf(room: Room, scope: Scope, logIds: readonly string[]): Promise<Subject[]> {
  try {
    return await room.judges.subjects(scope, logIds);
  } catch {
    const each = await Promise.all(logIds.map((id) => room.judges.subjects(scope, [id]).catch(() => [])));
    return each.flat();
  }
}

/** The judgment of a log by a version of an evaluator has one id, so that it is there once however often it is made. */
export async function keepJudgment(
  room: Room,
  scope: Scope,
  evaluator: Snapshot<'evaluator'>,
  { logId }: Subject,
  judged: Judged,
  fresh: boolean,
): Promise<void> {
  const { spec } = evaluator.version.kernel;
  const at = room.clock();
  await room.logs.judge(scope, {
    id: makeLogId(logIdAt(logId) ?? at.getTime() * 1_000, createHash('sha256').update(`${logId}\n${evaluator.version.id}`).digest()),
    fresh,
    evaluatorId: evaluator.file.id,
    evaluatorVersionId: evaluator.version.id,
    logId,
    source: spec.evaluator_type === 'llm' ? 'llm' : 'code',
    value: judged.outcome === 'judged' ? judged.value : null,
    reason: judged.outcome === 'failed' ? null : judged.reason,
    error: judged.outcome === 'failed' ? judged.error : null,
    stdout: judged.stdout,
    metadata: judged.calls.length === 0 ? null : { cost_usd: judged.costUsd, calls: judged.calls },
    createdAt: at,
    origin: 'evaluation',
  });
}
