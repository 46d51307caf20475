import type { Scope } from '@whetstone/contract';
import type { Room } from './context.ts';
import { type Assigned, marks } from './index.ts';

const remembered = 200_000;
const againMs = 3_600_000;

/** Exposures of callers who only ask for a version, on disk before they are answered; the same unit again is not written again for a while. */
export class Exposures {
  readonly #room: Pick<Room, 'logs' | 'clock'>;
  readonly #seen = new Map<string, number>();

  constructor(room: Pick<Room, 'logs' | 'clock'>) {
    this.#room = room;
  }

  async note(scope: Scope, { experimentId, armId, epoch }: Assigned, unit: string | null, source: string): Promise<void> {
    // Held out units and forced ones are not analysed; without a unit each is counted.
    if (armId === marks.forced) return;
    const at = this.#room.clock();
    const key = `${scope.workspaceId} ${experimentId} ${epoch} ${armId} ${unit ?? ''}`;
    if (unit !== null && at.getTime() - (this.#seen.get(key) ?? Number.NEGATIVE_INFINITY) < againMs) return;
    await this.#room.logs.exposures.record(scope, [{ experimentId, unit: unit ?? '', armId, epoch, at, source }]);
    if (unit === null) return;
    this.#seen.delete(key);
    this.#seen.set(key, at.getTime());
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > remembered && oldest !== undefined) this.#seen.delete(oldest);
  }
}
