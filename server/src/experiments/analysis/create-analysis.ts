import type { Body, Endpoints, ExperimentPlan, ExperimentResult, Scope } from '@whetstone/contract';
import { type Room, rowOf } from '../context.ts';
import { analyse, Engine } from './engine.ts';
import { planOf } from './plan.ts';
import { resultOf } from './result.ts';

/** What came of experiments: outcomes of units, looks, guards, plans. */
export interface Analysis {
  result(scope: Scope, id: string): Promise<ExperimentResult>;
  plan(scope: Scope, request: Body<Endpoints['experiments.plan']>): Promise<ExperimentPlan>;
  /** One round now, whoever has the lease; how many units were settled. */
  settle(scope: Scope, id: string): Promise<number>;
  /** Settles outcomes, looks and watches guards, one replica a workspace. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export function createAnalysis(room: Room): Analysis {
  const engine = new Engine(room);
  return {
    result: async (scope, id) => resultOf(room, scope, await rowOf(room, scope, id)),
    plan: (scope, request) => planOf(room, scope, request),
    settle: async (scope, id) => analyse(room, scope, await rowOf(room, scope, id)),
    start: () => engine.start(),
    close: () => engine.stop(),
  };
}
