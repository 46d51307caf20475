import { AppError } from '@whetstone/contract';
import { compilePattern } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import { fieldPathOf, redactableFields, replaceAtPath, replaceStrings, rootName } from './redact-walk.ts';
import type { FieldPath } from './redact-walk.ts';
import { setOwn } from './text.ts';

/**
 * Redaction of a log before it is written. A `field` rule removes what stands at a place (`inputs.email`, `metadata.*`,
 * `messages[*].content`), and the same text wherever else the log repeats it, as a filled-in template does. A `pattern`
 * rule removes what a linear-time RE2 pattern finds in any text. Names of keys, roles and ids of calls stay.
 */

export interface RedactionRuleInput {
  name: string;
  kind: 'field' | 'pattern';
  match: string;
  replacement: string;
}

/** Rules made ready once and used for every log. */
export interface Redaction {
  rules: readonly ReadyRule[];
}
type ReadyRule = { kind: 'field'; path: FieldPath; replacement: string } | { kind: 'pattern'; pattern: Pattern; replacement: string };

/** Shorter values repeat by chance: removing every `7` of a log would say more than it hides. */
const shortestEcho = 4;
const maxEchoes = 200;

/** Why a rule cannot be used, or null when it can. */
export function redactionProblem(rule: RedactionRuleInput): string | null {
  if (rule.kind === 'field') {
    const path = fieldPathOf(rule.match);
    return typeof path === 'string' ? path : null;
  }
  const pattern = compileRulePattern(rule.match);
  return typeof pattern === 'string' ? pattern : null;
}

/** Throws `invalid_input` that names every rule that cannot be used. */
export function compileRedaction(rules: readonly RedactionRuleInput[]): Redaction {
  const details = rules.flatMap((rule, i) => {
    const problem = redactionProblem(rule);
    return problem === null ? [] : [{ loc: ['body', 'redaction', i, 'match'], msg: problem, type: 'value_error.redaction' }];
  });
  const [first] = details;
  if (first !== undefined) throw new AppError('invalid_input', `Redaction rule ${Number(first.loc[2]) + 1}: ${first.msg}`, { details });
  return { rules: rules.flatMap(readyRule) };
}

/**
 * A copy of the log (or its own fields under API or camel-case names) without what the rules name; the same object when
 * there is nothing. `counts` has one number per rule: how many texts or values it replaced.
 */
export function redact<T extends object>(log: T, redaction: Redaction): { value: T; counts: number[] } {
  const counts = redaction.rules.map(() => 0);
  let value: T = log;
  const echoes = new Map<string, number>();
  redaction.rules.forEach((rule, i) => {
    const count = () => {
      counts[i] = (counts[i] ?? 0) + 1;
    };
    if (rule.kind === 'pattern')
      value = mapFields(value, (root, content) => replaceStrings(content, root, (text) => replaceMatches(text, rule, count)));
    else {
      value = mapFields(value, (root, content) =>
        replaceAtPath(content, root, rule.path, (found) => {
          const text = String(found);
          if (found === rule.replacement) return found;
          if (text.length >= shortestEcho && text.length <= 10_000 && typeof found !== 'boolean' && echoes.size < maxEchoes)
            echoes.set(text, i);
          count();
          return rule.replacement;
        }),
      );
    }
  });
  return { value: withoutEchoes(value, echoes, redaction, counts), counts };
}

/** What a field rule removed is removed from other texts of the log too, longest first. */
function withoutEchoes<T extends object>(log: T, echoes: ReadonlyMap<string, number>, redaction: Redaction, counts: number[]): T {
  let value = log;
  const forms = [...echoes].flatMap(([text, rule]) => {
    const inJson = JSON.stringify(text).slice(1, -1);
    return inJson === text
      ? [{ text, rule }]
      : [
          { text, rule },
          { text: inJson, rule },
        ];
  });
  for (const { text, rule } of forms.sort((a, b) => b.text.length - a.text.length)) {
    const replacement = redaction.rules[rule]?.replacement ?? '';
    value = mapFields(value, (root, content) =>
      replaceStrings(content, root, (whole) => {
        const pieces = whole.split(text);
        counts[rule] = (counts[rule] ?? 0) + pieces.length - 1;
        return pieces.join(replacement);
      }),
    );
  }
  return value;
}

function mapFields<T extends object>(log: T, change: (root: string, content: unknown) => unknown): T {
  let copy: T | null = null;
  for (const [key, content] of Object.entries(log)) {
    const root = rootName(key);
    if (!redactableFields.has(root) || content === null || content === undefined) continue;
    const changed = change(root, content);
    if (changed === content) continue;
    copy ??= { ...log };
    setOwn(copy, key, changed);
  }
  return copy ?? log;
}

function replaceMatches(text: string, rule: ReadyRule & { kind: 'pattern' }, count: () => void): string {
  const matcher = rule.pattern.matcher(text);
  let result = '';
  let from = 0;
  while (matcher.find()) {
    result += text.slice(from, matcher.start()) + rule.replacement;
    from = matcher.end();
    count();
  }
  return from === 0 ? text : result + text.slice(from);
}

function readyRule(rule: RedactionRuleInput): ReadyRule[] {
  if (rule.kind === 'pattern') {
    const pattern = compileRulePattern(rule.match);
    return typeof pattern === 'string' ? [] : [{ kind: 'pattern', pattern, replacement: rule.replacement }];
  }
  const path = fieldPathOf(rule.match);
  return typeof path === 'string' ? [] : [{ kind: 'field', path, replacement: rule.replacement }];
}

/** A pattern that finds something, or why it is none. */
function compileRulePattern(source: string): Pattern | string {
  const pattern = compilePattern(source);
  return typeof pattern !== 'string' && pattern.matcher('').find()
    ? 'The pattern matches empty text, so it would match everywhere.'
    : pattern;
}
