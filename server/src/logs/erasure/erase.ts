import { AppError } from '@whetstone/contract';
import type { Blobs } from '../../storage/index.ts';
import type { Logs } from '../index.ts';
import type { Intake } from '../intake/intake.ts';
import { answered } from '../reads.ts';
import type { BlobHold } from '../record/blobs.ts';
import type { ErasureKind, ErasureStore, Expiry } from './store.ts';

const day = 86_400_000;
/** Rows of another replica may come this late and are buried again. */
const repeatMs = 3 * day;
/** A tombstone outlives whatever could still bring an older version of its row. */
const tombstoneMs = 30 * day;
const drainMs = 10_000;
const sweptAtOnce = 1_000;

export interface ErasureDeps {
  store: ErasureStore;
  intake: Intake;
  blobs: Blobs;
  hold: BlobHold;
  now: () => number;
}

/** Deletion by property, and the physical end of what was deleted or is too old. */
export class Erasures {
  readonly #deps: ErasureDeps;

  constructor(deps: ErasureDeps) {
    this.#deps = deps;
  }

  /** Buries everything that the store has or is about to have; how many logs there were. */
  async bury(workspaceId: string, kind: ErasureKind, name: string): Promise<number> {
    await this.#drain();
    const erasure = { workspaceId, kind, name, requestedUs: this.#deps.now() * 1000 };
    await answered(this.#deps.store.remember(erasure));
    return answered(this.#deps.store.bury(erasure));
  }

  async removeWorkspace(workspaceId: string): Promise<void> {
    await this.bury(workspaceId, 'workspace', '');
    const doomed = await answered(this.#deps.store.doomedBlobs([{ workspaceId, before: Number.MAX_SAFE_INTEGER, environments: [] }]));
    await answered(this.#deps.store.removeWorkspace(workspaceId));
    await this.#removeBlobs(doomed);
  }

  async erase(now: Date, retention: Parameters<Logs['erase']>[1]): Promise<void> {
    const { store } = this.#deps;
    await this.#drain();
    for (const erasure of await answered(store.remembered(now.getTime() * 1000 - repeatMs * 1000))) await answered(store.bury(erasure));
    const expiries: Expiry[] = [];
    for (const workspaceId of await answered(store.workspaces())) {
      const { days, environments } = await retention(workspaceId);
      const before = (kept: number | null): number | null => (kept === null ? null : (now.getTime() - kept * day) * 1000);
      expiries.push({
        workspaceId,
        before: before(days),
        environments: Object.entries(environments).map(([id, kept]) => ({ id, before: before(kept) })),
      });
    }
    const doomed = await answered(store.doomedBlobs(expiries));
    await answered(store.removeExpired(expiries));
    await answered(store.removeBuried((now.getTime() - tombstoneMs) * 1000));
    await this.#removeBlobs(doomed);
  }

  /** Takes away blobs that no log names: the write that they were for failed. */
  async sweep(now: Date): Promise<number> {
    await this.#drain();
    let removed = 0;
    let some: string[] = [];
    for await (const sha256 of this.#deps.blobs.olderThan(new Date(now.getTime() - day))) {
      some.push(sha256);
      if (some.length < sweptAtOnce) continue;
      removed += await this.#removeBlobs(some);
      some = [];
    }
    return removed + (await this.#removeBlobs(some));
  }

  async #drain(): Promise<void> {
    if (await this.#deps.intake.drained(drainMs)) return;
    throw new AppError('unavailable', 'The log store does not take what is waiting for it, so deleting has to wait. Try again shortly.', {
      retryAfterSeconds: 10,
    });
  }

  /** But for those that a living log names; how many went. */
  async #removeBlobs(doomed: readonly string[]): Promise<number> {
    if (doomed.length === 0) return 0;
    const living = await answered(this.#deps.store.livingBlobs(doomed));
    let removed = 0;
    for (const sha256 of doomed) {
      if (!living.has(sha256) && !this.#deps.hold.has(sha256) && (await this.#deps.blobs.delete(sha256))) removed += 1;
    }
    return removed;
  }
}
