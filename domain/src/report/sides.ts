import type { Side } from './compare.ts';
import type { Prepared } from './prepare.ts';

type Run = Prepared['runs'][number];

/** Two runs as an evaluator saw them. */
export function sidesOf(prepared: Prepared, judge: Prepared['judges'][number], baseline: Run, run: Run): [Side, Side] {
  const [a, b] = prepared.sides(judge, baseline.run, run.run);
  return [
    { id: baseline.run.run_id, label: baseline.label, reading: a },
    { id: run.run.run_id, label: run.label, reading: b },
  ];
}
