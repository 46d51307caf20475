import { segmentOf } from '../formats/arriving.ts';
import { type AnyRecord, isRecord, textOf, written } from '../formats/documents.ts';
import { javascriptEvaluator, llmEvaluator, pythonEvaluator } from '../formats/judges.ts';
import { placeholderModel } from '../formats/prompt-kernel.ts';
import type { Reading } from './promptfoo.ts';

export interface Assertion extends AnyRecord {
  type: string;
  value?: unknown;
}

/** Sets are what they hold: all of it has to be so. */
export function assertionsOf(given: unknown): Assertion[] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((each): Assertion[] => {
    if (!isRecord(each) || typeof each['type'] !== 'string') return [];
    return each['type'] === 'assert-set' ? assertionsOf(each['assert']) : [each as Assertion];
  });
}

const lists = new Set(['contains-any', 'contains-all', 'icontains-any', 'icontains-all']);
const prefixed = /^(not-)?([a-z][a-z-]*)(?:\((\d+(?:\.\d+)?)\))?:([\s\S]*)$/;
const bare = /^(?:not-)?(?:is-json|contains-json|is-refusal|is-xml|contains-xml|is-html|is-sql)$/;
const shortcuts: Record<string, string | undefined> = { fn: 'javascript', eval: 'javascript', grade: 'llm-rubric' };
const named =
  /^(?:equals|contains|icontains|contains-any|contains-all|icontains-any|icontains-all|starts-with|regex|is-json|contains-json|similar|levenshtein|rouge-n|bleu|gleu|meteor|latency|cost|perplexity|perplexity-score|javascript|python|ruby|webhook|llm-rubric|factuality|answer-relevance|context-faithfulness|context-recall|context-relevance|g-eval|classifier|moderation|model-graded-closedqa|model-graded-factuality|select-best|pi|is-valid-openai-tools-call|is-valid-openai-function-call|fn|eval|grade)$/;

/** An `__expected` cell: `TYPE(THRESHOLD): VALUE`, else what the output has to be. */
export function assertionOf(cell: string): Assertion {
  const [, not = '', type = '', threshold, value = ''] = prefixed.exec(cell) ?? [];
  if (bare.test(cell.trim())) return { type: cell.trim() };
  if (!named.test(type)) return { type: 'equals', value: cell };
  return {
    type: `${not}${shortcuts[type] ?? type}`,
    value: lists.has(type) ? value.split(',').map((each) => each.trim()) : value.trim(),
    ...(threshold === undefined ? {} : { threshold: Number(threshold) }),
  };
}

/** What is asked of an output, in Python; `not-` before the type asks for the contrary. */
const checks: Record<string, string | undefined> = {
  equals: 'output == value if isinstance(value, str) else as_json(output) == value',
  contains: 'str(value) in output',
  icontains: 'str(value).lower() in output.lower()',
  'contains-any': 'any(each in output for each in texts(value))',
  'contains-all': 'all(each in output for each in texts(value))',
  'icontains-any': 'any(each.lower() in output.lower() for each in texts(value))',
  'icontains-all': 'all(each.lower() in output.lower() for each in texts(value))',
  'starts-with': 'output.startswith(str(value))',
  regex: 're.search(str(value), output) is not None',
  'is-json': 'as_json(output) is not INVALID',
};
const rubric = 'llm-rubric';

/** Assertions stand in the targets of the cases, as they are; a type of them is an evaluator that reads them there. */
export class Assertions {
  readonly #reading: Reading;
  readonly #types = new Map<string, string>();
  readonly #strange = new Map<string, { where: string; count: number }>();
  readonly #code = new Map<string, { where: string; assertion: Assertion }>();
  #judge: string | null = null;

  constructor(reading: Reading) {
    this.#reading = reading;
    const fallback = reading.config['defaultTest'];
    const options = isRecord(fallback) && isRecord(fallback['options']) ? fallback['options'] : {};
    this.#judge = modelOf(options['provider']);
  }

  targetOf(where: string, assertions: readonly Assertion[]): AnyRecord {
    if (assertions.length === 0) return {};
    for (const assertion of assertions) this.#note(where, assertion);
    const exact = assertions.filter(({ type }) => type === 'equals');
    const rubrics = assertions.filter(({ type, value }) => type === rubric && value !== undefined).map(({ value }) => written(value));
    return {
      ...(exact.length === 1 ? { output: exact[0]?.value } : {}),
      ...(rubrics.length > 0 ? { rubric: rubrics.join('\n') } : {}),
      assert: assertions,
    };
  }

  #note(where: string, assertion: Assertion): void {
    const { type, value } = assertion;
    const plain = type.replace(/^not-/, '');
    const isCode = (type === 'javascript' || type === 'python') && typeof value === 'string' && !value.startsWith('file://');
    if (isCode) {
      const key = `${type}\n${value}`;
      if (!this.#code.has(key)) this.#code.set(key, { where, assertion });
    } else if (type === rubric || (checks[plain] !== undefined && !hasSchema(assertion))) {
      if (!this.#types.has(type)) this.#types.set(type, where);
      if (type === rubric) this.#judge ??= modelOf(assertion['provider']);
    } else {
      const known = this.#strange.get(type);
      this.#strange.set(type, { where: known?.where ?? where, count: (known?.count ?? 0) + 1 });
    }
  }

  /** What the targets name, once each; what has no counterpart is told. */
  arrive(): void {
    const { into, report, base } = this.#reading;
    for (const [type, where] of this.#types) {
      if (type === rubric) into.evaluator(`${base}/${type}`, where, this.#rubric());
      else into.evaluator(`${base}/${type}`, where, pythonEvaluator(checking(type), { promptfoo: { type } }));
    }
    const byName = new Map<string, number>();
    for (const { where, assertion } of this.#code.values()) {
      const wanted = segmentOf(textOf(assertion['metric']) ?? assertion.type);
      const count = (byName.get(wanted) ?? 0) + 1;
      byName.set(wanted, count);
      const code = assertion.type === 'python' ? inPython(assertion) : inJavascript(assertion);
      const make = assertion.type === 'python' ? pythonEvaluator : javascriptEvaluator;
      into.evaluator(`${base}/${count === 1 ? wanted : `${wanted} ${count}`}`, where, make(code, { promptfoo: assertion }));
    }
    for (const [type, { where, count }] of this.#strange)
      report.problem(
        where,
        `assertion ${type}`,
        `No evaluator says this yet; ${count === 1 ? 'it stays' : `its ${count} uses stay`} in the targets of the cases.`,
      );
  }

  #rubric() {
    return llmEvaluator({
      model: this.#judge ?? placeholderModel,
      messages: [
        { role: 'system', content: 'You judge an answer by a criterion. Say only `true` when the answer meets it, else only `false`.' },
        { role: 'user', content: 'The criterion:\n{{testcase.target.rubric}}\n\nThe answer:\n{{log.output}}' },
      ],
      attributes: { promptfoo: { type: rubric } },
      temperature: null,
      returns: 'boolean',
    });
  }
}

const hasSchema = ({ type, value }: Assertion): boolean => type.endsWith('is-json') && value !== undefined && value !== null;

function modelOf(provider: unknown): string | null {
  const id = isRecord(provider) ? textOf(provider['id']) : textOf(provider);
  return id?.split(':').at(-1) ?? null;
}

const checking = (type: string): string => `import json
import re

INVALID = object()


def as_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return INVALID


def texts(value):
    return [str(each) for each in (value if isinstance(value, list) else [value])]


def check(output, value):
    return ${type.startsWith('not-') ? `not (${checks[type.slice(4)] ?? 'False'})` : (checks[type] ?? 'False')}


def evaluate(log, testcase):
    asked = ((testcase or {}).get("target") or {}).get("assert") or []
    values = [each.get("value") for each in asked if each.get("type") == "${type}"]
    if not values:
        return None
    return all(check(log.get("output") or "", value) for value in values)
`;

/** Promptfoo runs an expression or the body of a function, which sees \`output\` and \`context\`; numbers pass by a threshold. */
function inJavascript({ value, threshold }: Assertion): string {
  const text = String(value);
  const body = /\breturn\b/.test(text) ? text : `return (${text.trim().replace(/;$/, '')});`;
  return `function assertion(output, context) {
${body}
}

function evaluate(log, testcase) {
  const result = assertion(log.output ?? '', { vars: log.inputs ?? {}, test: testcase });
  if (typeof result === 'number') return ${typeof threshold === 'number' ? `result >= ${threshold}` : 'result > 0'};
  return typeof result === 'object' && result !== null ? Boolean(result.pass) : Boolean(result);
}
`;
}

function inPython({ value, threshold }: Assertion): string {
  const text = String(value).trim();
  const lines = text.includes('\n') || /^\s*return\b/.test(text) ? text.split('\n') : [`return ${text}`];
  return `def assertion(output, context):
${lines.map((line) => `    ${line}`).join('\n')}


def evaluate(log, testcase):
    result = assertion(log.get("output") or "", {"vars": log.get("inputs") or {}, "test": testcase})
    if isinstance(result, dict):
        return bool(result.get("pass", result.get("pass_", False)))
    if isinstance(result, (int, float)) and not isinstance(result, bool):
        return ${typeof threshold === 'number' ? `result >= ${threshold}` : 'result > 0'}
    return bool(result)
`;
}
