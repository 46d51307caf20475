import { reasons } from '../result.ts';
import type { GuardLook } from './guards.ts';
import type { ArmLook } from './look.ts';

export interface LookWords {
  control: string;
  arm: string;
  /** A difference without its sign, such as `3.1 points` or `120 ms`; the second form leaves the unit out. */
  format: (difference: number) => string;
  bare?: (difference: number) => string;
  /** What one unit is called, in the plural. */
  units?: string;
  /** Units that enter a day, of all arms; null: unknown. */
  perDay?: number | null;
  smallestDifference: number;
  /** Nothing comes any more, for the experiment ended or the arm was stopped: what is not known now never will be. */
  ended?: 'Ended' | 'Stopped' | null;
}

/**
 * What a look at an arm says, in a sentence made of its numbers: `B is better by 3.1 to 7.4 points.`, `No difference of 2 points or
 * more.`, `Cannot tell yet; about 2,300 more users at this rate, 6 days, to see a difference of 5 points.`
 */
export function lookInWords(look: ArmLook, words: LookWords): string {
  const { arm, control, format, bare = format, units = 'users', smallestDifference } = words;
  const smallest = format(smallestDifference);
  if (words.ended != null && look.verdict === 'cannot_tell' && look.reason !== 'too_skewed') return endedInWords(look, words);
  if (look.reason === 'no_data') return `No data yet: no ${units} have an outcome.`;
  if (look.reason === 'too_early') {
    return `Too early to tell: ${count(look.n)} ${units} so far, and the first look is at 100 with 10 in each arm.`;
  }
  if (look.reason === 'not_yet') return `Not yet: the answer is shown once, after about ${more(look, words)}.`;
  if (look.reason === 'too_skewed') {
    return `Cannot tell: a few ${units} with extreme values decide the mean. A cap on the values, set before the start, would help.`;
  }
  if (look.verdict === 'no_difference') return `No difference of ${smallest} or more between ${arm} and ${control}.`;
  if (look.verdict === 'cannot_tell') {
    const why = look.reason === null ? '' : ` ${reasons[look.reason]}`;
    if (look.moreUnits === null) return `Cannot tell yet.${why}`;
    const what = look.moreFor === 'smallest' ? `to see a difference of ${smallest}` : 'to decide for certain';
    return `Cannot tell yet; about ${more(look, words)} ${what}.${why}`;
  }
  const [near, far] = [Math.abs(look.lower!), Math.abs(look.upper!)].sort((x, y) => x - y) as [number, number];
  const small = look.belowSmallestWorthwhile ? `, which is less than the ${smallest} worth having` : '';
  return `${arm} is ${look.verdict} by ${bare(near)} to ${format(far)}${small}.`;
}

/** What stayed open: `Ended before it could tell: B is between 2.1 points below and 4 points above Control.` */
function endedInWords(look: ArmLook, { arm, control, format, units = 'users', ended }: LookWords): string {
  if (look.reason === 'no_data') return `${ended} without data: no ${units} have an outcome.`;
  if (look.reason === 'not_yet') return `${ended} before the planned number of ${units}: a plan with one look has no answer before it.`;
  const { lower, upper, reason } = look;
  if (reason === 'too_early' || lower === null || upper === null || lower >= 0 || upper <= 0)
    return `${ended} before it could tell, with ${count(look.n)} ${units}.`;
  return `${ended} before it could tell: ${arm} is between ${format(-lower)} below and ${format(upper)} above ${control}.`;
}

/** `2,300 more users at this rate, 6 days,` or without the days when the rate is not known. */
function more({ moreUnits, reason }: ArmLook, { units = 'users', perDay = null }: LookWords): string {
  const rounded = roughly(moreUnits ?? 0);
  const days = perDay !== null && perDay > 0 ? (moreUnits ?? 0) / perDay : null;
  const time =
    days === null ? '' : ` at this rate, ${days < 1 ? 'less than a day' : days < 1.5 ? 'a day' : `${count(roughly(days))} days`}`;
  return `${count(rounded)} more ${units}${time}${time === '' || reason === 'not_yet' ? '' : ','}`;
}

/** Two digits are more than a plan knows. Rounded up. */
export function roughly(value: number): number {
  if (value <= 10) return Math.ceil(value);
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / step - 1e-9) * step;
}

const count = (value: number): string => Math.round(value).toLocaleString('en');

/** What a look at a guard says. `tolerated` such as `1.5 times control's rate` or `20 ms more than control`. */
export function guardInWords({ state, evidence, threshold }: GuardLook, { arm, tolerated }: { arm: string; tolerated: string }): string {
  if (state === 'no_data') return `Nothing to judge ${arm} by yet.`;
  const odds = evidence! >= 1e6 ? 'over a million' : evidence! >= 10 ? count(evidence!) : evidence!.toPrecision(2);
  if (state === 'breached') return `${arm} is worse than ${tolerated}: the evidence is ${odds}, and ${count(threshold)} stops an arm.`;
  return `${arm} is within ${tolerated} as far as can be told: the evidence of harm is ${odds}, and ${count(threshold)} stops an arm.`;
}
