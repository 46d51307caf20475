import { AppError, type Scope, systemScope } from '@whetstone/contract';
import type { OtlpDeps } from './index.ts';
import { standInOf } from './ids.ts';
import type { OpenTrace, OpenTraces } from './open-traces.ts';
import type { OpenTraceRow, OtlpStore } from './store.ts';
import type { Target } from './targets.ts';

const graceMs = 60_000;
const mostAtOnce = 500;
const adoptEveryMs = 60_000;

interface Parts {
  deps: OtlpDeps;
  traces: OpenTraces;
  store: OtlpStore;
  /** The flow that stands for roots which never came. */
  rootless: (workspaceId: string) => Promise<Target>;
}

/** Completes traces when nothing more is expected, also those of a process that is gone. */
export class Completion {
  readonly #parts: Parts;
  #adoptedAt = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async run(now: number): Promise<void> {
    const { traces, store } = this.#parts;
    const due = traces.due(now);
    for (const some of inGroups(due)) await Promise.all(some.map((trace) => this.#completeKnown(trace)));
    for (const some of inGroups(due.filter(({ savedDue }) => savedDue !== null))) await store.forgetTraces(some);
    for (const some of inGroups(traces.takeUnsaved())) await store.saveTraces(some);
    if (now - this.#adoptedAt >= adoptEveryMs) {
      this.#adoptedAt = now;
      await this.#adopt(now);
    }
  }

  async #completeKnown(trace: OpenTrace): Promise<void> {
    const { workspaceId, root } = trace;
    // A span that comes while this is written is late.
    trace.complete = true;
    if (root === null) return this.#standIn(trace);
    if (root.completes) await this.#mark(systemScope(workspaceId, 'otlp'), root.logId);
  }

  /** Traces that are long due and in nobody's memory: their process was killed. */
  async #adopt(now: number): Promise<void> {
    const { traces, store } = this.#parts;
    const rows = await store.tracesDue(new Date(now - graceMs), mostAtOnce);
    const orphans = rows.filter(({ workspaceId, traceId }) => !traces.has(workspaceId, traceId));
    for (const row of orphans) await (row.rootId === null ? this.#standIn(row) : this.#markFlow(row.workspaceId, row.rootId));
    await store.forgetTraces(orphans);
  }

  async #markFlow(workspaceId: string, rootId: string): Promise<void> {
    const scope = systemScope(workspaceId, 'otlp');
    const root = await this.#parts.deps.logs.find(scope, rootId);
    if (root?.kind === 'flow' && root.logStatus !== 'complete') await this.#mark(scope, rootId);
  }

  async #mark(scope: Scope, rootId: string): Promise<void> {
    try {
      await this.#parts.deps.logs.change(scope, rootId, { logStatus: 'complete' });
    } catch (error) {
      // The log was deleted, or its workspace.
      if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
    }
  }

  /** Spans whose root went elsewhere get one, so that lists of traces show them. */
  async #standIn({ workspaceId, traceId }: Pick<OpenTraceRow, 'workspaceId' | 'traceId'>): Promise<void> {
    const id = standInOf(traceId);
    const target = await this.#parts.rootless(workspaceId);
    const metadata = { 'otel.trace_id': traceId, 'otel.no_root': true };
    const root = { id, ...target, kind: 'flow', origin: 'otel', logStatus: 'complete', metadata } as const;
    await this.#parts.deps.logs.recordMany(systemScope(workspaceId, 'otlp'), [
      { ...root, trace: { root: id }, unseen: false, late: false },
    ]);
  }
}

function inGroups<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / mostAtOnce) }, (_, i) => list.slice(i * mostAtOnce, (i + 1) * mostAtOnce));
}
