import { AppError, type Body, type Endpoints, type ExperimentPlan, type ExperimentResult, type Scope } from '@whetstone/contract';
import type { Room } from '../context.ts';

/** What came of experiments: outcomes of units, looks, guards, plans. */
export interface Analysis {
  result(scope: Scope, id: string): Promise<ExperimentResult>;
  plan(scope: Scope, request: Body<Endpoints['experiments.plan']>): Promise<ExperimentPlan>;
  /** Settles outcomes, looks and watches guards, one replica a workspace. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export function createAnalysis(_room: Room): Analysis {
  const unfinished = (): never => {
    throw new AppError('unavailable', 'Results of experiments are not computed yet.');
  };
  return {
    result: async () => unfinished(),
    plan: async () => unfinished(),
    start: async () => undefined,
    close: async () => undefined,
  };
}
