import type { Scope } from '@whetstone/contract';
import type { MetricTerm } from '@whetstone/domain';
import { answered, type Reads } from '../reads.ts';
import type { OutcomeStore } from './store-outcomes.ts';
import type { ExperimentedStore } from './store.ts';

/** A unit whose window has closed. Microseconds since 1970, by the server's clock. */
export interface DueUnit {
  unit: string;
  firstAt: number;
  armId: string;
  /** Every arm that the unit was seen in until its window closed. */
  arms: string[];
}
/** How the values of a unit's logs become one. */
export interface TermAsked {
  term: MetricTerm;
  perUnit: 'any' | 'mean' | 'sum';
  /** Of a judgment: the evaluator whose path the term names; null: there is none. */
  evaluatorId: string | null;
}
/** What a unit's logs and judgments hold; null: nothing was said or measured. */
export interface UnitTerms {
  logs: number;
  /** In the order of what was asked. */
  values: (number | null)[];
  before: (number | null)[];
  /** Evaluators that judged one of its logs. */
  evaluatorIds: string[];
}
export interface TermSource {
  experimentId: string;
  fileId: string;
  environmentId: string;
  windowMs: number;
}
export interface Outcome {
  unitKey: string;
  armId: string;
  epoch: number;
  firstAt: number;
  maturedAt: number;
  leftOut: '' | 'moved' | 'stopped';
  logs: number;
  outcomes: (number | null)[];
  before: (number | null)[];
  answered: number[];
}

/** Sums over the units of one arm in one epoch whose windows closed in one span of time. */
export interface OutcomeGroup {
  armId: string;
  epoch: number;
  /** How many of the moments that were given lie before. */
  span: number;
  units: number;
  logs: number;
  /** By place in the experiment's list of evaluators: how many units answered. */
  answered: number[];
  metrics: MetricSums[];
}
/** Running totals of a metric y, and of what it was before, x, of those units of whom it is known. */
export interface MetricSums {
  n: number;
  y: number;
  yy: number;
  yyy: number;
  before: { known: number; x: number; xx: number; xy: number; yKnown: number };
}
export interface OrderedOutcome {
  armId: string;
  epoch: number;
  /** Microseconds since 1970. */
  maturedAt: number;
  value: number | null;
}
export interface ExperimentCounts {
  /** Calls, and requests for a version that belong to no arm, by arm or mark such as `~no_unit`. */
  logs: Map<string, number>;
  /** Judgments after the window of their unit had closed, by evaluator. */
  late: Map<string, number>;
  /** Judgments of logs that are not here. */
  unknownLog: number;
}
/** What was measured of a file, by unit; of a share of the units where there are many. */
export interface Baseline {
  units: (number | null)[][];
  unitCount: number;
  logs: number;
  withoutUnit: number;
  firstAt: Date | null;
}

/** Outcomes that close together. */
export interface OutcomeTrack {
  experimentId: string;
  /** Under which its outcomes are kept; the experiment's id, for most. */
  key: string;
  windowMs: number;
}

/** What experiments ask of logs, and the outcomes of their units. */
export interface Experimented {
  /** Units whose window closed before a moment and that have no outcome yet, in the order in which they closed. */
  due(scope: Scope, track: OutcomeTrack, before: Date, limit: number): Promise<DueUnit[]>;
  /** When the next window closes, at the earliest; null: none is open. */
  nextDue(scope: Scope, track: OutcomeTrack): Promise<Date | null>;
  terms(scope: Scope, source: TermSource, units: readonly DueUnit[], asked: readonly TermAsked[]): Promise<Map<string, UnitTerms>>;
  /** Adds outcomes; a unit that has one keeps it. */
  settle(scope: Scope, key: string, outcomes: readonly Outcome[], at: Date): Promise<void>;
  groups(
    scope: Scope,
    experimentId: string,
    metrics: number,
    evaluators: number,
    spans: readonly Date[],
    first: number | null,
  ): Promise<OutcomeGroup[]>;
  /** One metric, in the order in which windows closed. */
  ordered(scope: Scope, key: string, metric: number, limit: number): Promise<OrderedOutcome[]>;
  settled(scope: Scope, key: string): Promise<{ units: number; leftOut: Map<string, number>; lastAt: Date | null }>;
  /** Units by the arm and the span in which they were first seen. */
  exposed(scope: Scope, experimentId: string, spans: readonly Date[]): Promise<{ armId: string; span: number; units: number }[]>;
  counts(scope: Scope, track: OutcomeTrack, evaluatorIds: readonly string[], since: Date): Promise<ExperimentCounts>;
  /** Per unit, of what a file did in an environment in a range of time. */
  baseline(
    scope: Scope,
    source: Pick<TermSource, 'fileId' | 'environmentId'>,
    asked: readonly TermAsked[],
    range: { from: Date; to: Date },
  ): Promise<Baseline>;
}

export function experimentedOf(reads: Reads, store: ExperimentedStore, outcomes: OutcomeStore): Experimented {
  return {
    due: ({ workspaceId }, ...asked) => answered(store.due(workspaceId, ...asked)),
    nextDue: ({ workspaceId }, ...asked) => answered(store.nextDue(workspaceId, ...asked)),
    terms: ({ workspaceId }, ...asked) => answered(store.terms(workspaceId, ...asked)),
    settle: ({ workspaceId }, ...asked) => answered(outcomes.add(workspaceId, ...asked)),
    groups: ({ workspaceId }, ...asked) => answered(outcomes.groups(workspaceId, ...asked)),
    ordered: ({ workspaceId }, ...asked) => answered(outcomes.ordered(workspaceId, ...asked)),
    settled: ({ workspaceId }, ...asked) => answered(outcomes.settled(workspaceId, ...asked)),
    exposed: async ({ workspaceId }, ...asked) => {
      await reads.settled();
      return answered(store.exposed(workspaceId, ...asked));
    },
    counts: ({ workspaceId }, ...asked) => answered(store.counts(workspaceId, ...asked)),
    baseline: async ({ workspaceId }, ...asked) => {
      await reads.settled();
      return answered(store.baseline(workspaceId, ...asked));
    },
  };
}
