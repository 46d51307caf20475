import type { EvaluatorLogResponse, Valence } from '@whetstone/contract';
import { formatShare } from '../../kit/format.ts';
import { valueValence } from '../judge/value.ts';
import { byUse, isCorrection } from './kinds.ts';

/** One thing that people said of a log, and how many of them. */
export interface Mark {
  key: string;
  /** The option, the number, or what a text is. */
  name: string;
  valence: Valence;
  count: number;
  /** Amount edited, of a correction. */
  edited: number | null;
  text: string;
}

/** Votes first, then how much was edited, then what was done. What a correction tells is not said twice. */
export function marksOf(judgments: readonly EvaluatorLogResponse[]): Mark[] {
  const marks = new Map<string, Mark>();
  const corrected = judgments.some(({ evaluator }) => isCorrection(evaluator));
  const said = judgments.filter(({ judgment }) => judgment !== null).map((judgment) => ({ path: judgment.evaluator.path, judgment }));
  for (const { judgment } of byUse(said)) for (const mark of marksIn(judgment, corrected)) add(marks, mark);
  return [...marks.values()];
}

function add(marks: Map<string, Mark>, mark: Mark): void {
  const same = marks.get(mark.key);
  if (same === undefined) {
    marks.set(mark.key, mark);
    return;
  }
  same.count += 1;
  same.edited = same.edited === null ? mark.edited : Math.max(same.edited, mark.edited ?? 0);
  same.text = `${textOf(same)}, by ${same.count} people`;
}

function textOf({ text }: Mark): string {
  return text.replace(/, by \d+ people$/, '');
}

function marksIn({ evaluator, judgment: value, edit }: EvaluatorLogResponse, corrected: boolean): Mark[] {
  const made = (name: string, valence: Valence, text: string, edited: number | null = null): Mark => ({
    key: `${evaluator.id} ${name}`,
    name,
    valence,
    count: 1,
    edited,
    text,
  });
  if (isCorrection(evaluator)) {
    const amount = edit?.amount ?? null;
    return [made('corrected', 'neutral', amount === null ? 'corrected' : `corrected: ${formatShare(amount)} edited`, amount)];
  }
  if (evaluator.spec.return_type === 'text') return [made(evaluator.name, 'neutral', `${evaluator.name}: ${String(value)}`)];
  if (typeof value === 'number') return [made(String(Number(value.toPrecision(3))), 'neutral', `${evaluator.name}: ${value}`)];
  if (typeof value === 'boolean')
    return [
      made(`${evaluator.name}: ${value ? 'yes' : 'no'}`, valueValence(evaluator.spec, value), `${evaluator.name}: ${value ? 'yes' : 'no'}`),
    ];
  return [value ?? []]
    .flat()
    .filter((name) => !(corrected && name === 'edited'))
    .map((name) => made(name, valueValence(evaluator.spec, name), `${evaluator.name}: ${name}`));
}
