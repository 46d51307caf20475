import { z } from 'zod';
import { defineEvaluator, notScored, scored } from '../evaluator.ts';
import { bounds, numberOr } from '../options.ts';

export const latency = defineEvaluator({
  name: 'latency',
  title: 'Latency',
  group: 'operation',
  description: 'How many milliseconds did the answer take, and was that quick enough?',
  options: z.strictObject({
    measure: z.enum(['total', 'first_token']).default('total').describe('The whole answer, or the time to its first token (streams only).'),
    ...bounds,
  }),
  needs: () => ['latency'],
  returns: numberOr({ type: 'number', min: 0, max: null, better: 'lower' }),
  prepare:
    ({ measure }) =>
    ({ log }) => {
      if (measure === 'first_token')
        return log.first_token_ms == null ? notScored('The time to the first token was not measured.') : scored(log.first_token_ms);
      // v5 tells seconds.
      const ms = log.latency_ms ?? (log.provider_latency == null ? null : log.provider_latency * 1000);
      return ms === null ? notScored('The time was not measured.') : scored(ms);
    },
});
