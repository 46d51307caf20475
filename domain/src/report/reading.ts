import type { ReportRunInput } from './input.ts';
import { isScored, type Scale } from './scale.ts';

/** The judgments of one run by one evaluator, as numbers case by case, with what is not one counted. */
export interface Reading {
  /** Per case its repeats; null: missing, failed or abstained. What is neither good nor bad is left out. */
  repeats: (number | null)[][];
  /** Per case: it is in the dataset of the run, or has a log. */
  member: Uint8Array;
  /** Per case: every judgment there is was neither good nor bad. */
  neutralOnly: Uint8Array;
  /** All values, by log: what the distribution shows. */
  values: number[];
  /** Texts of options and how often each was given. */
  chosen: Map<string, number>;
  judged: number;
  /** Cases of the run's dataset without a log. */
  missing: number;
  failed: number;
  abstained: number;
  notJudged: number;
  wrongType: number;
  neutral: number;
}

export function readRun(run: ReportRunInput, evaluator: number, scale: Scale, cases: number): Reading {
  const reading: Reading = {
    repeats: Array.from({ length: cases }, () => []),
    member: run.members === null ? new Uint8Array(cases).fill(1) : Uint8Array.from(run.members),
    neutralOnly: new Uint8Array(cases),
    values: [],
    chosen: new Map(),
    judged: 0,
    missing: 0,
    failed: 0,
    abstained: 0,
    notJudged: 0,
    wrongType: 0,
    neutral: 0,
  };
  const seen = new Uint8Array(cases);
  for (const log of run.logs) {
    reading.member[log.at] = 1;
    seen[log.at] = 1;
    const number = count(reading, log.judgments[evaluator] ?? null, scale);
    if (number === 'neutral') reading.neutralOnly[log.at] = 1;
    else reading.repeats[log.at]!.push(number);
  }
  for (let at = 0; at < cases; at += 1) {
    if (reading.repeats[at]!.length > 0) reading.neutralOnly[at] = 0;
    if (reading.member[at] === 1 && seen[at] === 0) reading.missing += 1;
  }
  return reading;
}

function count(reading: Reading, judgment: ReportRunInput['logs'][number]['judgments'][number], scale: Scale): number | 'neutral' | null {
  if (judgment === null) {
    reading.notJudged += 1;
    return null;
  }
  const { value, failed } = judgment;
  if (failed || value === null) {
    reading[failed ? 'failed' : 'abstained'] += 1;
    return null;
  }
  const number = scale.read(value);
  if (number === 'wrong_type') {
    reading.wrongType += 1;
    return null;
  }
  reading.judged += 1;
  if (typeof value === 'string') add(reading.chosen, value);
  else if (typeof value === 'boolean') add(reading.chosen, String(value));
  else if (Array.isArray(value)) for (const name of value) add(reading.chosen, name);
  if (number === 'neutral') {
    reading.neutral += 1;
    return 'neutral';
  }
  if (isScored(scale)) reading.values.push(number);
  return number;
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Cases that count for both of two runs, and why others do not. */
export function shared(a: Reading, b: Reading): { cases: number[]; neutral: number; oneDataset: number } {
  const cases: number[] = [];
  let neutral = 0;
  let oneDataset = 0;
  for (let at = 0; at < a.repeats.length; at += 1) {
    const both = (a.member[at] ?? 0) + (b.member[at] ?? 0);
    if (both === 0) continue;
    if (both === 1) oneDataset += 1;
    else if (a.neutralOnly[at] === 1 || b.neutralOnly[at] === 1) neutral += 1;
    else cases.push(at);
  }
  return { cases, neutral, oneDataset };
}
