import type { AnyObject } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';
import { z } from 'zod';
import { defineEvaluator, notScored, scored, share } from '../evaluator.ts';
import type { JudgedLog } from '../evaluator.ts';
import { compareJson, isTooDeep, strictDiff, tellDifference } from '../json.ts';
import { bounds, numberOr } from '../options.ts';
import { toolLogs } from '../read.ts';
import { listed, quote } from '../words.ts';

const maxCalls = 200;

interface Call {
  name: string;
  arguments: unknown;
}
interface Rules {
  order: 'same' | 'any';
  arguments: 'same' | 'subset' | 'ignore';
}

export const toolCalls = defineEvaluator({
  name: 'tool_calls',
  title: 'Tool calls',
  group: 'structure',
  description: 'Did the model call the right tools, with the right arguments?',
  limits: 'Arguments are compared as JSON, value by value: two ways to write one date are two values.',
  cites: ['Patil et al. 2025, the Berkeley Function Calling Leaderboard: calls compared by name and arguments'],
  options: z.strictObject({
    target_key: z
      .string()
      .min(1)
      .default('tool_calls')
      .describe(
        'The value of the target with the expected calls: a list of `{ name, arguments }`, or as a model writes them. An empty list: no call.',
      ),
    where: z
      .enum(['answer', 'conversation', 'trace'])
      .default('answer')
      .describe('Calls of the answer alone, those of the whole conversation, or the tools’ logs in the trace.'),
    order: z.enum(['same', 'any']).default('any').describe('Whether the order of calls matters.'),
    arguments: z
      .enum(['same', 'subset', 'ignore'])
      .default('same')
      .describe('Arguments have to be the same, to hold at least the expected ones, or do not matter.'),
    extra: z.enum(['wrong', 'allowed']).default('wrong').describe('What calls beyond the expected ones are.'),
    ...bounds,
  }),
  needs: ({ where }) => ['reference', 'tool_calls', ...(where === 'trace' ? (['trace'] as const) : [])],
  returns: numberOr(share),
  prepare:
    (options) =>
    ({ log, target }) => {
      const expected = expectedCalls(target);
      if (expected === null) return notScored('The target is not a list of calls, each with a name.');
      if (options.where === 'trace' && log.trace_children == null) return notScored('The trace is not at hand.');
      const actual = callsOf(log, options.where);
      if (expected.length > maxCalls || actual.length > maxCalls) return notScored(`At most ${maxCalls} calls are compared.`);
      const pairs = options.order === 'same' ? pairInOrder(expected, actual, options) : pairInAnyOrder(expected, actual, options);
      const total = options.extra === 'allowed' ? expected.length : Math.max(expected.length, actual.length);
      const problems = tell(expected, actual, pairs, options);
      return scored(total === 0 ? 1 : pairs.size / total, problems.length === 0 ? null : `${listed(problems, String)}.`);
    },
});

/** Places of expected calls and of the actual calls that answer them. */
type Pairs = ReadonlyMap<number, number>;

function expectedCalls(target: unknown): Call[] | null {
  let list = target;
  if (typeof target === 'string') {
    try {
      list = JSON.parse(target);
    } catch {
      return null;
    }
  }
  const calls = (Array.isArray(list) ? list : [list]).map(callFrom);
  return calls.every((call) => call !== null) ? calls : null;
}

/** `{ name, arguments }` or OpenAI's `{ function: { name, arguments } }`. */
function callFrom(value: unknown): Call | null {
  const call = getOwn(value, 'function') ?? value;
  const name = getOwn(call, 'name');
  return typeof name === 'string' ? { name, arguments: argumentsOf(getOwn(call, 'arguments')) } : null;
}

/** Models write arguments as JSON in a text; none are an empty object; what is not JSON stays a text. */
function argumentsOf(value: unknown): unknown {
  if (value == null || value === '') return {};
  if (typeof value !== 'string') return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return isTooDeep(parsed) ? value : parsed;
  } catch {
    return value;
  }
}

function callsOf(log: JudgedLog, where: 'answer' | 'conversation' | 'trace'): Call[] {
  if (where === 'trace')
    return toolLogs(log).map((child) => ({
      name: toolName(child),
      arguments: argumentsOf(getOwn(child, 'inputs')),
    }));
  const earlier = where === 'conversation' ? (log.messages ?? []) : [];
  return [...earlier, ...(log.output_message == null ? [] : [log.output_message])].flatMap((message) =>
    (message.tool_calls ?? []).map((call) => ({ name: call.function.name, arguments: argumentsOf(call.function.arguments) })),
  );
}

function toolName(child: AnyObject): string {
  const name = getOwn(getOwn(child, 'tool'), 'name');
  return typeof name === 'string' ? name : '';
}

const differences = (expected: Call, actual: Call, rules: Rules) =>
  rules.arguments === 'ignore'
    ? []
    : compareJson(expected.arguments, actual.arguments, { ...strictDiff, extra: rules.arguments === 'subset' ? 'allowed' : 'wrong' })
        .differences;

const fits = (expected: Call, actual: Call, rules: Rules): boolean =>
  expected.name === actual.name && differences(expected, actual, rules).length === 0;

/** The longest common subsequence of both lists. */
function pairInOrder(expected: readonly Call[], actual: readonly Call[], rules: Rules): Pairs {
  const table = Array.from({ length: expected.length + 1 }, () => Array.from({ length: actual.length + 1 }, () => 0));
  const at = (i: number, j: number) => table[i]?.[j] ?? 0;
  const match = expected.map((want) => actual.map((call) => fits(want, call, rules)));
  for (let i = expected.length - 1; i >= 0; i--) {
    const row = table[i] ?? [];
    for (let j = actual.length - 1; j >= 0; j--)
      row[j] = match[i]?.[j] === true ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const pairs = new Map<number, number>();
  for (let i = 0, j = 0; i < expected.length && j < actual.length;) {
    if (match[i]?.[j] === true) pairs.set(i++, j++);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

/** The most pairs there can be, by augmenting paths (Kuhn 1955): where arguments are a subset, the first fit may not be the best. */
function pairInAnyOrder(expected: readonly Call[], actual: readonly Call[], rules: Rules): Pairs {
  const owner = new Map<number, number>();
  const match = expected.map((want) => actual.flatMap((call, j) => (fits(want, call, rules) ? [j] : [])));
  const place = (i: number, seen: Set<number>): boolean =>
    (match[i] ?? []).some((j) => {
      if (seen.has(j)) return false;
      seen.add(j);
      const other = owner.get(j);
      if (other !== undefined && !place(other, seen)) return false;
      owner.set(j, i);
      return true;
    });
  expected.forEach((_, i) => place(i, new Set()));
  return new Map([...owner].map(([j, i]) => [i, j]));
}

function tell(expected: readonly Call[], actual: readonly Call[], pairs: Pairs, options: Rules & { extra: string }): string[] {
  const taken = new Set(pairs.values());
  const free = actual.map((_, j) => j).filter((j) => !taken.has(j));
  const problems = expected.flatMap((want, i) => {
    if (pairs.has(i)) return [];
    const like = free.findIndex((j) => actual[j]?.name === want.name);
    const [j = -1] = like < 0 ? [] : free.splice(like, 1);
    const near = actual[j];
    if (near === undefined) return [`${quote(want.name)} was not called`];
    const wrong = differences(want, near, options);
    return [
      wrong.length === 0
        ? `${quote(want.name)} was called out of order`
        : `${quote(want.name)} was called with ${listed(wrong, tellDifference, 3)}`,
    ];
  });
  const more = options.extra === 'wrong' ? free.map((j) => `${quote(actual[j]?.name ?? '')} was called too`) : [];
  return [...problems, ...more];
}
