import { z } from 'zod';
import { defineEvaluator, notScored, scored } from '../evaluator.ts';
import type { JudgedLog } from '../evaluator.ts';
import { bounds, numberOr } from '../options.ts';

export const cost = defineEvaluator({
  name: 'cost',
  title: 'Cost',
  group: 'operation',
  description: 'How many US dollars did the answer cost, and was that within your limit?',
  limits: 'By the price table at the time of the call. A log whose price is not known is not scored: unknown is not free.',
  options: z.strictObject(bounds),
  needs: () => ['cost'],
  returns: numberOr({ type: 'number', min: 0, max: null, better: 'lower' }),
  prepare:
    () =>
    ({ log }) => {
      const usd = costOf(log);
      return usd === null ? notScored('The cost is not known.') : scored(usd, log.estimated === true ? 'Estimated.' : null);
    },
});

function costOf(log: JudgedLog): number | null {
  if (log.cost_usd != null) return log.cost_usd;
  return log.prompt_cost == null && log.output_cost == null ? null : (log.prompt_cost ?? 0) + (log.output_cost ?? 0);
}
