import type { AnyObject, EvaluatorSpec, Scope } from '@whetstone/contract';
import type { Sandbox } from '@whetstone/sandbox';
import type { Files } from '../files/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Logs, StoredLog } from '../logs/index.ts';
import type { Judge, Judged, Subject } from './index.ts';
import type { LibraryThread } from './library/thread.ts';

/** What the room stands on. */
export interface JudgesDeps {
  sandbox: Sandbox;
  gateway: Pick<Gateway, 'callPrompt' | 'embed'>;
  logs: Pick<Logs, 'find' | 'traces'>;
  files: { datasets: Pick<Files['datasets'], 'datapointsById'> };
  /** Logs as v5 answers them, without judgments; `descendants` are nested below them. Handed in by the door, which is above. */
  present(scope: Scope, logs: StoredLog[], descendants: StoredLog[]): Promise<AnyObject[]>;
}

export interface Room extends JudgesDeps {
  library: LibraryThread;
}

/** One kind of evaluator that a server can run. */
export interface Kind {
  recognises(spec: EvaluatorSpec): boolean;
  judge(room: Room, scope: Scope, judge: Judge, subjects: readonly Subject[], signal: AbortSignal): Promise<Judged[]>;
}

/** Runs at most `limit` at once; results in the order of the items. Stops taking up new ones when one throws. */
export async function mapLimited<T, R>(items: readonly T[], limit: number, work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
