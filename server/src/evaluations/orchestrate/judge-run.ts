import { createHash } from 'node:crypto';
import type { Scope } from '@whetstone/contract';
import { base62 } from '@whetstone/domain';
import type { Snapshot } from '../../files/index.ts';
import type { Judged, Subject } from '../../judges/index.ts';
import type { Room } from '../context.ts';

const batchSize = 50;
const batchesAtOnce = 4;

/** Judges the logs of one run with the server's evaluators, each log once an evaluator. */
export class JudgeRun {
  readonly #room: Room;
  readonly #scope: Scope;
  readonly #evaluators: readonly Snapshot<'evaluator'>[];
  readonly #signal: AbortSignal;
  readonly #seen = new Set<string>();
  #waiting: string[] = [];
  #running = 0;
  #failed: unknown = null;
  #idle: (() => void)[] = [];

  constructor(room: Room, scope: Scope, evaluators: readonly Snapshot<'evaluator'>[], signal: AbortSignal) {
    this.#room = room;
    this.#scope = scope;
    this.#evaluators = evaluators;
    this.#signal = signal;
  }

  /** A log of the run that nobody has judged. */
  add(logId: string): void {
    if (this.#evaluators.length === 0 || this.#seen.has(logId)) return;
    this.#seen.add(logId);
    this.#waiting.push(logId);
    // Others of this turn of the loop join the batch.
    setImmediate(() => this.#next());
  }

  /** Resolves when all that was added is judged; rejects with what went wrong meanwhile. */
  async settled(): Promise<void> {
    while (this.#failed === null && (this.#waiting.length > 0 || this.#running > 0)) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
    if (this.#failed !== null) throw this.#failed;
  }

  #next(): void {
    while (this.#failed === null && this.#running < batchesAtOnce && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchSize);
      this.#running += 1;
      this.#judge(batch)
        .catch((error: unknown) => {
          this.#failed ??= error;
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
    this.#signal.throwIfAborted();
    const subjects = await subjectsOf(this.#room, this.#scope, logIds);
    if (subjects.length === 0) return;
    await Promise.all(
      this.#evaluators.map(async (evaluator) => {
        const { spec } = evaluator.version.kernel;
        const judge = { path: evaluator.file.path, spec };
        const judged = await this.#room.judges.judge(this.#scope, judge, subjects, { signal: this.#signal });
        await Promise.all(judged.map((each, index) => keepJudgment(this.#room, this.#scope, evaluator, subjects[index] as Subject, each)));
      }),
    );
  }
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
): Promise<void> {
  const { spec } = evaluator.version.kernel;
  const at = room.clock();
  await room.logs.judge(scope, {
    id: `log_${base62(createHash('sha256').update(`${logId}\n${evaluator.version.id}`).digest()).slice(0, 21)}`,
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
