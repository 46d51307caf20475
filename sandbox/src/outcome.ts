import type { Json } from '@whetstone/contract';
import { canonicalJson, canonicalText } from '@whetstone/domain';
import type { Done, Reply } from './job.ts';
import { sizes } from './limits.ts';

export type JudgmentValue = boolean | number | string | string[];

/** What was printed, and how long it took: told with every outcome. */
export interface Told {
  /** What the code printed, its first characters. */
  stdout: string;
  /** It printed more than that. */
  stdoutCut: boolean;
  /** Wall clock without the time that `ask` waited. The only part of an outcome that differs from one time to the next. */
  ms: number;
}

/** How a row ended. All but `value` are judgments that failed, each for a reason that can be told apart. */
export type Outcome<V = JudgmentValue> = Told &
  (
    | { outcome: 'value'; value: V; reason: string | null }
    /** It returned what is no judgment: nothing, a number that is not finite, or another type. */
    | { outcome: 'invalid'; problem: 'nothing' | 'not-finite' | 'wrong-type'; message: string }
    /** It failed, at this place of its source where that is known (from 1). */
    | { outcome: 'error'; message: string; line: number | null; column: number | null }
    | { outcome: 'timeout' | 'memory' | 'too-large'; message: string }
    /** This machine cannot run it. */
    | { outcome: 'unavailable'; message: string }
  );

const untold: Told = { stdout: '', stdoutCut: false, ms: 0 };

export function unavailable(message: string): Outcome<never> {
  return { outcome: 'unavailable', message, ...untold };
}

export function tooLarge(what: string, bytes: number, most: number): Outcome<never> {
  return { outcome: 'too-large', message: `${what} has ${bytes} bytes; ${most} is the most`, ...untold };
}

/** Why the row that was in work has no reply. */
export function withoutReply({ end, message }: Done, wallMs: number): Outcome<never> {
  if (end === 'timeout') return { ...timedOut(wallMs), ...untold, ms: wallMs };
  return { outcome: 'error', message, line: null, column: null, ...untold };
}

/**
 * What a runner replied, read as data from a stranger: whoever breaks out of the inner layer writes it.
 *
 * @param readValue null: it is no value of the kind that is wanted
 */
export function readReply<V>(reply: Reply, wallMs: number, memoryMb: number, readValue: (value: unknown) => V | null): Outcome<V> {
  const cut = reply.body.indexOf('\n');
  const outcome = objectOf(reply.body.slice(0, cut));
  const printed = objectOf(reply.body.slice(cut + 1));
  const told: Told = {
    stdout: canonicalText(textOf(printed['out']).slice(0, sizes.stdoutChars)).text,
    stdoutCut: printed['cut'] === true,
    ms: reply.ms,
  };
  const message = canonicalText(textOf(outcome['message']).slice(0, 4000)).text;
  switch (outcome['k']) {
    case 'value': {
      const value = readValue(outcome['value']);
      if (value === null) return { ...invalid('wrong-type', typeof outcome['value']), ...told };
      if (typeof value === 'number' && !Number.isFinite(value)) return { ...invalid('not-finite', String(value)), ...told };
      const reason = typeof outcome['reason'] === 'string' ? canonicalText(outcome['reason']).text : null;
      return { outcome: 'value', value, reason, ...told };
    }
    case 'invalid': {
      const problem = outcome['why'];
      if (problem === 'nothing' || problem === 'not-finite') return { ...invalid(problem, message), ...told };
      return { ...invalid('wrong-type', message), ...told };
    }
    case 'timeout':
      return { ...timedOut(wallMs), ...told };
    case 'memory':
      return { outcome: 'memory', message: `It needs more than ${memoryMb} MB`, ...told };
    case 'too-large':
      return { outcome: 'too-large', message: `What it returned has more than ${sizes.resultBytes} bytes`, ...told };
    default:
      return {
        outcome: 'error',
        message: message || 'The runner gave no outcome',
        line: placeOf(outcome['line']),
        column: placeOf(outcome['column']),
        ...told,
      };
  }
}

/** A boolean, a number, text, or a list of texts. */
export function judgmentValue(value: unknown): JudgmentValue | null {
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') return canonicalText(value).text;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.map((item) => canonicalText(item).text);
  return null;
}

/** Any JSON, in the form that every store takes. */
export function jsonValue(value: unknown): { json: Json } | null {
  try {
    return { json: canonicalJson(value as Json).value };
  } catch {
    return null;
  }
}

function invalid(problem: 'nothing' | 'not-finite' | 'wrong-type', what: string) {
  const said = {
    nothing: 'It returned nothing.',
    'not-finite': `It returned ${what}, which is no finite number.`,
    'wrong-type': `It returned what is no judgment: ${what}.`,
  };
  const wanted = 'Return true or false, a finite number, text, a list of texts, or an object with `value` and `reason`.';
  return { outcome: 'invalid' as const, problem, message: `${said[problem]} ${wanted}` };
}

function timedOut(wallMs: number) {
  return { outcome: 'timeout' as const, message: `It took longer than ${wallMs / 1000} s` };
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const placeOf = (value: unknown): number | null => (typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : null);
