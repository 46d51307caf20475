import type { OpenTraceRow } from './store.ts';

/** A trace of which this process has seen spans. */
export interface OpenTrace {
  workspaceId: string;
  traceId: string;
  /** The span without a parent that came first, and the log that it is. */
  root: { spanId: string; logId: string; completes: boolean } | null;
  /** Log ids of spans that came before the root. */
  before: string[];
  spans: Set<string>;
  /** This process has seen it from its first span on: what is not in `spans` was never written. */
  sure: boolean;
  /** By our clock. */
  lastAt: number;
  complete: boolean;
  /** What the database says about when it is due; null when it does not know it. */
  savedDue: number | null;
  savedRoot: string | null;
}

const afterRootMs = 5_000;
const withoutRootMs = 600_000;
/** A complete trace is remembered for so long, so that what comes late is known to. */
const rememberedMs = 600_000;
const mostSpans = 300_000;
/** The database learns that a trace goes on when what it knows is so much too early. */
const staleMs = 60_000;

/** What is known of traces that are not complete, in bounded memory. */
export class OpenTraces {
  readonly #traces = new Map<string, OpenTrace>();
  readonly #now: () => number;
  readonly #replicated: boolean;
  #knownSince: number;
  #spans = 0;

  constructor(now: () => number, replicated: boolean) {
    this.#now = now;
    this.#replicated = replicated;
    this.#knownSince = now();
  }

  /** @param startMs when the span began, by its sender's clock */
  touch(workspaceId: string, traceId: string, startMs: number | null): OpenTrace {
    const key = `${workspaceId} ${traceId}`;
    let trace = this.#traces.get(key);
    if (trace === undefined) {
      const sure = !this.#replicated && startMs !== null && startMs >= this.#knownSince;
      trace = {
        workspaceId,
        traceId,
        root: null,
        before: [],
        spans: new Set(),
        sure,
        lastAt: 0,
        complete: false,
        savedDue: null,
        savedRoot: null,
      };
      this.#traces.set(key, trace);
    }
    trace.lastAt = this.#now();
    return trace;
  }

  has(workspaceId: string, traceId: string): boolean {
    return this.#traces.has(`${workspaceId} ${traceId}`);
  }

  addSpan(trace: OpenTrace, spanId: string): void {
    if (trace.spans.has(spanId)) return;
    trace.spans.add(spanId);
    this.#spans += 1;
    if (this.#spans > mostSpans) this.#evict();
  }

  /** Memory is bounded: the oldest go. The database still knows those that are open. */
  #evict(): void {
    for (const [key, trace] of this.#traces) {
      if (this.#spans <= mostSpans * 0.9) break;
      this.#drop(key, trace);
    }
    this.#knownSince = this.#now();
  }

  #drop(key: string, trace: OpenTrace): void {
    this.#traces.delete(key);
    this.#spans -= trace.spans.size;
  }

  due(now: number): OpenTrace[] {
    const due: OpenTrace[] = [];
    for (const [key, trace] of this.#traces) {
      if (trace.complete) {
        if (now - trace.lastAt > rememberedMs) this.#drop(key, trace);
      } else if (now >= dueAt(trace)) due.push(trace);
    }
    return due;
  }

  /** Those of which the database knows nothing or too little, marked as if it did. */
  takeUnsaved(): OpenTraceRow[] {
    const rows: OpenTraceRow[] = [];
    for (const trace of this.#traces.values()) {
      // A call that is a root by itself has no status that anybody waits for.
      if (trace.complete || trace.root?.completes === false) continue;
      const due = dueAt(trace);
      const rootId = trace.root?.logId ?? null;
      if (trace.savedDue !== null && due - trace.savedDue < staleMs && trace.savedRoot === rootId) continue;
      trace.savedDue = due;
      trace.savedRoot = rootId;
      rows.push({ workspaceId: trace.workspaceId, traceId: trace.traceId, rootId, dueAt: new Date(due) });
    }
    return rows;
  }

  forget(workspaceId: string): void {
    for (const [key, trace] of this.#traces) if (trace.workspaceId === workspaceId) this.#drop(key, trace);
  }
}

function dueAt(trace: OpenTrace): number {
  return trace.lastAt + (trace.root === null ? withoutRootMs : afterRootMs);
}
