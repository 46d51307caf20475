import type { EvaluatorSpec, TriedJudgment } from '@whetstone/contract';
import { useEffect, useRef, useState } from 'react';
import { call } from '../../../api/client.ts';
import { ApiError, messageOf } from '../../../api/errors.ts';

/** An evaluator to try, named by the hash of its content: what was tried stays true until the content changes. */
export interface Tryable {
  hash: string;
  path: string;
  spec: EvaluatorSpec;
  /** Of a judge that compares two answers: the log that the others are compared with. */
  against?: string | null;
}
export interface TrialRun {
  done: number;
  total: number;
  startedAt: number;
}
export interface Trials {
  of: (hash: string) => ReadonlyMap<string, TriedJudgment>;
  running: TrialRun | null;
  /** Wall clock of the last run that came to its end. */
  tookMs: number | null;
  error: string | null;
  /** `again` judges those too that were judged before. */
  run: (evaluators: readonly Tryable[], logIds: readonly string[], again?: boolean) => Promise<void>;
  stop: () => void;
}

const none: ReadonlyMap<string, TriedJudgment> = new Map();
/** Small enough that progress moves, large enough that code is judged in one go. */
const batchOf = (spec: EvaluatorSpec) =>
  spec.evaluator_type === 'llm' || (spec.evaluator_type === 'external' && spec.library?.model != null) ? 4 : 25;

/** Judges logs batch by batch and keeps what came, by evaluator and log. Nothing is stored on the server. */
export function useTrials(): Trials {
  const [results, setResults] = useState<ReadonlyMap<string, ReadonlyMap<string, TriedJudgment>>>(new Map());
  const [running, setRunning] = useState<TrialRun | null>(null);
  const [tookMs, setTookMs] = useState<number | null>(null);
  const [error, setError] = useState<string | null>(null);
  const stopper = useRef<AbortController | null>(null);
  const known = useRef(results);
  known.current = results;
  useEffect(() => () => stopper.current?.abort(), []);

  const keep = (hash: string, judgments: readonly TriedJudgment[]) =>
    setResults((before) => {
      const those = new Map(before.get(hash));
      for (const judgment of judgments) those.set(judgment.log_id, judgment);
      return new Map(before).set(hash, those);
    });

  const run: Trials['run'] = async (evaluators, logIds, again = true) => {
    stopper.current?.abort();
    const controller = new AbortController();
    stopper.current = controller;
    const work = evaluators.map((evaluator) => ({
      evaluator,
      ids: again ? [...logIds] : logIds.filter((id) => known.current.get(evaluator.hash)?.has(id) !== true),
    }));
    const startedAt = Date.now();
    const total = work.reduce((sum, { ids }) => sum + ids.length, 0);
    let done = 0;
    setError(null);
    setTookMs(null);
    setRunning({ done, total, startedAt });
    try {
      for (const { evaluator, ids } of work) {
        for (const batch of batches(ids, batchOf(evaluator.spec))) {
          const judged = await judgeBatch(evaluator, batch, controller.signal);
          if (controller.signal.aborted) return;
          keep(evaluator.hash, judged);
          done += batch.length;
          setRunning({ done, total, startedAt });
        }
      }
      setTookMs(Date.now() - startedAt);
    } catch (failure) {
      if (!controller.signal.aborted) setError(messageOf(failure));
    } finally {
      if (stopper.current === controller) setRunning(null);
    }
  };
  const stop = () => {
    stopper.current?.abort();
    setRunning(null);
  };
  return { of: (hash) => results.get(hash) ?? none, running, tookMs, error, run, stop };
}

function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** One request; when a log among several cannot be judged at all, each for itself, so that it does not stop the others. */
async function judgeBatch(
  { spec, path, against = null }: Tryable,
  logIds: readonly string[],
  signal: AbortSignal,
): Promise<TriedJudgment[]> {
  const others = against === null ? {} : { other_log_ids: logIds.map(() => against) };
  const body = { evaluator: { spec, path }, log_ids: [...logIds], ...others };
  try {
    return (await call('evaluators.try', { body, signal })).judgments;
  } catch (error) {
    const ofLog = error instanceof ApiError && error.fields.length === 0 && (error.status === 404 || error.status === 422);
    if (!ofLog) throw error;
    if (logIds.length > 1)
      return (await Promise.all(logIds.map((id) => judgeBatch({ spec, path, against, hash: '' }, [id], signal)))).flat();
    return logIds.map((id) => notJudged(id, error.message));
  }
}

function notJudged(logId: string, reason: string): TriedJudgment {
  const nothing = { datapoint_id: null, judgment: null, error: null, stdout: null, cost_usd: null, calls: [] };
  return { log_id: logId, outcome: 'not_judged', reason, ...nothing };
}
