import type { JsonObject, Scope } from '@whetstone/contract';
import { isPairwise } from '@whetstone/domain';
import { compareByModel, type ModelSpec } from '@whetstone/evaluators';
import { Calls } from '../calls.ts';
import type { Judge, Judged, Pair } from '../index.ts';
import { mapLimited, type Room } from '../room.ts';

/** Each pair is at least two calls. */
const askingAtOnce = 4;

/** A model that compares two answers to the same case, in both orders. */
export function comparePairs(room: Room, scope: Scope, judge: Judge, pairs: readonly Pair[], signal: AbortSignal): Promise<Judged[]> {
  const { spec } = judge;
  if (!isPairwise(spec)) throw new Error('This evaluator judges single logs.');
  return mapLimited(pairs, askingAtOnce, async ({ subject, other }) => {
    if (spec.prompt == null) return { ...unjudged('The judge has no prompt.'), costUsd: null, calls: [] };
    const calls = new Calls(room, scope);
    const ofCase = { log: subject.log, other: other.log, testcase: subject.testcase ?? other.testcase };
    const call = (kernel: Parameters<Calls['ofKernel']>[1], inputs: JsonObject) => calls.ofKernel(judge.path, kernel, inputs, [], signal);
    const { orders, ...judged } = await compareByModel(spec as ModelSpec, ofCase, call, signal);
    return { ...judged, stdout: null, ...calls.told, ...(orders.length === 0 ? {} : { pair: { log_id: other.logId, orders } }) };
  });
}

function unjudged(reason: string): { outcome: 'not_judged'; reason: string; stdout: null } {
  return { outcome: 'not_judged', reason, stdout: null };
}
