import type { Scope } from '@whetstone/contract';
import type { LogFilter } from '../index.ts';
import { answered, type Reads } from '../reads.ts';
import type { MonitoredStore } from './store.ts';

/** A place in an order of logs: microseconds since 1970, and the id within them. */
export interface Place {
  at: number;
  id: string;
}
/** A log that is finished and came into the store. */
export interface Arrival {
  id: string;
  /** Microseconds since 1970: when the log was, and when the store got it. */
  at: number;
  storedAt: number;
}
/** Which logs: a filter, and a share of what it finds, which is the same logs whoever asks. */
export interface Sampled {
  filter: LogFilter;
  rate: number;
}
/** What a judgment counts for: whether it is among the values, or its number. */
export type Measure = { type: 'share'; values: readonly string[] } | { type: 'mean' };

/** So many units (users, sessions, single logs) of one version have so many judgments that sum to this. */
export interface Cluster {
  bucket: number;
  versionId: string;
  environmentId: string;
  size: number;
  sum: number;
  count: number;
}
export interface MonitoredDay {
  judged: number;
  notJudged: number;
  failed: number;
  /** Of the model calls whose price is known. */
  costUsd: number;
  /** Judgments with a model call whose price is not known. */
  unpriced: number;
}

export interface Monitored {
  /** Logs that applications left, finished, in the order in which the store got them. */
  arrivals(scope: Scope, sampled: Sampled, after: Place, limit: number): Promise<Arrival[]>;
  /** As `arrivals`, and what simulated applications left, too. */
  finished(scope: Scope, sampled: Sampled, after: Place, limit: number): Promise<Arrival[]>;
  /** Logs that were judged after a place, in the order in which they were last judged. */
  judged(scope: Scope, after: Place, limit: number): Promise<Place[]>;
  /** Those of the ids that are as `finished` has them. */
  among(scope: Scope, sampled: Sampled, ids: readonly string[]): Promise<string[]>;
  /** Of the files, when the store last got a log after a moment. */
  news(scope: Scope, fileIds: readonly string[], afterMicros: number): Promise<Map<string, number>>;
  /** The same logs as `arrivals`, in the order of their time; what simulated applications left, too. */
  past(scope: Scope, sampled: Sampled, after: Place, limit: number): Promise<Arrival[]>;
  countPast(scope: Scope, sampled: Sampled): Promise<number>;
  /** What came of the judgments of a monitor since a moment. */
  since(scope: Scope, monitorIds: readonly string[], from: Date): Promise<Map<string, MonitoredDay>>;
  /** Judgments with a value by the time of their log. `bucket` counts from `from`, in widths of `seconds`. */
  clusters(
    scope: Scope,
    monitorId: string,
    measure: Measure,
    range: { from: Date; to: Date; seconds: number; environmentId: string | null },
  ): Promise<Cluster[]>;
  /** How many judgments a bucket has without a value. */
  gaps(
    scope: Scope,
    monitorId: string,
    range: { from: Date; to: Date; seconds: number; environmentId: string | null },
  ): Promise<{ bucket: number; notJudged: number; failed: number }[]>;
  /** The newest judgments with a value, by unit. */
  newest(scope: Scope, monitorId: string, measure: Measure, last: { logs: number } | { from: Date }): Promise<Cluster[]>;
  /** What one judgment of the monitor cost on average lately; null while there is none with a price. */
  meanCost(scope: Scope, monitorId: string): Promise<number | null>;
}

export function monitoredOf(reads: Reads, store: MonitoredStore): Monitored {
  const asked = async <T>(answer: () => Promise<T>): Promise<T> => {
    await reads.settled();
    return answered(answer());
  };
  const polled = <T>(answer: () => Promise<T>): Promise<T> => {
    reads.watched();
    return answered(answer());
  };
  return {
    // These are asked every second: what is on its way is seen by the next.
    arrivals: ({ workspaceId }, sampled, after, limit) => polled(() => store.arrivals(workspaceId, sampled, after, limit)),
    finished: ({ workspaceId }, sampled, after, limit) => asked(() => store.finished(workspaceId, sampled, after, limit)),
    judged: ({ workspaceId }, after, limit) => asked(() => store.judged(workspaceId, after, limit)),
    among: ({ workspaceId }, sampled, ids) => asked(() => store.among(workspaceId, sampled, ids)),
    news: ({ workspaceId }, fileIds, after) => polled(() => store.news(workspaceId, fileIds, after)),
    past: ({ workspaceId }, sampled, after, limit) => asked(() => store.past(workspaceId, sampled, after, limit)),
    countPast: ({ workspaceId }, sampled) => asked(() => store.countPast(workspaceId, sampled)),
    since: ({ workspaceId }, monitorIds, from) => asked(() => store.since(workspaceId, monitorIds, from)),
    clusters: ({ workspaceId }, monitorId, measure, range) => asked(() => store.clusters(workspaceId, monitorId, measure, range)),
    gaps: ({ workspaceId }, monitorId, range) => asked(() => store.gaps(workspaceId, monitorId, range)),
    newest: ({ workspaceId }, monitorId, measure, last) => asked(() => store.newest(workspaceId, monitorId, measure, last)),
    meanCost: ({ workspaceId }, monitorId) => asked(() => store.meanCost(workspaceId, monitorId)),
  };
}
