import type { EstimateResponse as Estimate } from '@whetstone/contract';

type Money = Estimate['cost_usd'];

/** A version of a prompt, run with a model that is not its own. */
export interface OtherModel {
  versionId: string;
  /** '': not chosen yet. */
  model: string;
  provider: string | null;
}

export function overrideOf({ model, provider }: OtherModel): { model: string; provider?: string } {
  return { model, ...(provider === null ? {} : { provider }) };
}

export function isChosen({ model }: OtherModel): boolean {
  return model.trim() !== '';
}

/** Of several estimates one: what is unknown of a part is unknown of the whole. */
export function sumOfEstimates(parts: readonly (Estimate | undefined)[]): Estimate | undefined {
  const known = parts.filter((one) => one !== undefined);
  const [first, ...rest] = known;
  if (first === undefined || known.length < parts.length) return undefined;
  return rest.reduce(
    (sum, one) => ({
      ...sum,
      logs: sum.logs + one.logs,
      from_cache: sum.from_cache + one.from_cache,
      judge_calls: sum.judge_calls + one.judge_calls,
      cost_usd: added(sum.cost_usd, one.cost_usd),
      seconds: sum.seconds === null || one.seconds === null ? null : sum.seconds + one.seconds,
      basis: [...new Set([...sum.basis, ...one.basis])],
      versions: [...sum.versions, ...one.versions],
    }),
    first,
  );
}

function added(a: Money, b: Money): Money {
  return a === null || b === null ? null : { low: a.low + b.low, mid: a.mid + b.mid, high: a.high + b.high };
}
