import type { Scope } from '@whetstone/contract';
import type { Files, StoredDatapoint } from '../files/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Known } from './known.ts';
import type { Pair } from './compare.ts';
import type { Duplicates } from './index.ts';

/** What the room stands on. */
export interface CurationDeps {
  files: Pick<Files, 'datasets' | 'find' | 'versionsById'>;
  logs: Pick<Logs, 'export' | 'judgmentsOf'>;
  gateway: Pick<Gateway, 'callPrompt'>;
}

export interface Room extends CurationDeps {
  /** Versions never change, so neither does what was found in them. */
  compared: Known<{ pairs: Pair[]; same: number }>;
  duplicates: Known<Duplicates>;
}

const readAtOnce = 2_000;

/** The datapoints with these ids, a few at a time, in their order. */
export async function* datapointsOf(room: Room, scope: Scope, ids: readonly string[]): AsyncGenerator<StoredDatapoint> {
  for (let i = 0; i < ids.length; i += readAtOnce) {
    const some = ids.slice(i, i + readAtOnce);
    const found = await room.files.datasets.datapointsById(scope, some);
    for (const id of some) {
      const datapoint = found.get(id);
      if (datapoint !== undefined) yield datapoint;
    }
    await breathe();
  }
}

/** Lets others have a turn. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
