import { clopperPearson, type Estimate } from '@whetstone/statistics';
import type { Rule } from './definition.ts';
import type { CaseResult } from './results.ts';
import { type Scale, valueOf } from './scale.ts';

export interface RuleOutcome {
  rule: string;
  /** `doubtful`: the estimate is beyond, the interval is not. */
  outcome: 'kept' | 'broken' | 'doubtful';
  sentence: string;
}

/** A rule is broken only when the whole interval lies beyond it: exact for passes that are judged once a case, else the score's own. */
export function heldAgainst(
  rule: Rule | undefined,
  cases: readonly CaseResult[],
  name: string,
  scale: Scale,
  shown: Estimate,
): RuleOutcome[] {
  if (rule === undefined) return [];
  const { estimate, lower, upper } = exactly(cases, name, scale) ?? shown;
  const limits = [
    { limit: rule.atLeast, words: 'at least', beyond: (value: number, limit: number) => value < limit, far: upper },
    { limit: rule.atMost, words: 'at most', beyond: (value: number, limit: number) => value > limit, far: lower },
  ];
  return limits.flatMap(({ limit, words, beyond, far }): RuleOutcome[] => {
    if (limit === undefined) return [];
    const said = `${name}: ${words} ${scale.tell(limit)} is the rule`;
    if (estimate === null) return [{ rule: `${words} ${limit}`, outcome: 'doubtful', sentence: `${said}; it could not be measured.` }];
    const interval = lower === null || upper === null ? '' : ` (${scale.tell(lower)} to ${scale.tell(upper)})`;
    const found = `${scale.tell(estimate)}${interval}`;
    if (far !== null && beyond(far, limit))
      return [{ rule: `${words} ${limit}`, outcome: 'broken', sentence: `${said}, and it is ${found}.` }];
    if (beyond(estimate, limit))
      return [
        {
          rule: `${words} ${limit}`,
          outcome: 'doubtful',
          sentence: `${said}; it is ${found}, which this many cases cannot tell from the rule.`,
        },
      ];
    return [{ rule: `${words} ${limit}`, outcome: 'kept', sentence: `${said}; it is ${found}.` }];
  });
}

/** Clopper and Pearson's interval, where every case was judged once at most and passes or not. */
function exactly(cases: readonly CaseResult[], name: string, scale: Scale): Estimate | null {
  if (scale.kind !== 'share') return null;
  if (cases.some(({ attempts, group }) => attempts.length > 1 || group !== null)) return null;
  const values = cases
    .flatMap(({ attempts }) => attempts.map(({ judgments }) => valueOf(judgments[name], scale)))
    .filter((value) => value !== null);
  return clopperPearson(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
  );
}
