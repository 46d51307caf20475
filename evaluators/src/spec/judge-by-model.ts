import type { AnyObject, ChatMessage, EvaluatorSpec, JsonObject, JudgmentValue, PromptKernel, Template } from '@whetstone/contract';
import { getOwn, judgmentMismatch, resolveVariable, templateVariables, valueText } from '@whetstone/domain';
import { fenceTexts } from '../graded/fence.ts';
import { parseJson } from '../json.ts';
import type { SpecOutcome } from './outcome.ts';
import { combine, type Vote } from './votes.ts';

export type ModelSpec = Extract<EvaluatorSpec, { evaluator_type: 'llm' }> & { prompt: PromptKernel };

/** What is judged, as `judgedLog` and `judgedDatapoint` of domain make it. */
export interface SpecSubject {
  log: JsonObject;
  testcase: JsonObject | null;
}

/**
 * A judgment by an LLM evaluator. The caller makes the calls: a kernel whose template is filled in with the inputs, answered with text.
 * Never rejects but with what `signal` says.
 */
export async function judgeByModel(spec: ModelSpec, subject: SpecSubject, call: CallModel, signal?: AbortSignal): Promise<SpecOutcome> {
  const material = materialOf(spec.prompt, { log: subject.log, testcase: subject.testcase });
  if ('missing' in material) return { outcome: 'not_judged', reason: material.missing };
  try {
    return combine(spec.return_type, await votesOf(spec, material, call));
  } catch (error) {
    signal?.throwIfAborted();
    return failure(error);
  }
}

/** As often as the evaluator wants to be asked. @throws Error when one of the answers is outside the form */
export function votesOf(spec: ModelSpec, { rule, inputs }: Material, call: CallModel): Promise<Vote[]> {
  const vote = async (index: number): Promise<Vote> => readAnswer(spec, await call(kernelOf(spec, rule, index), inputs));
  return Promise.all(Array.from({ length: spec.votes ?? 1 }, (_, index) => vote(index)));
}

export function failure(error: unknown): Extract<SpecOutcome, { outcome: 'failed' }> {
  const message = error instanceof Error ? error.message : String(error);
  return { outcome: 'failed', error: message.slice(0, 1_000) };
}

/** A kernel whose template is filled in with the inputs, answered with text. */
export type CallModel = (kernel: PromptKernel, inputs: JsonObject) => Promise<string>;

export interface Material {
  inputs: JsonObject;
  rule: string;
}

/** What is judged stands between marks that it cannot contain, wherever the template puts it. @param all by the names that it has there */
export function materialOf(prompt: PromptKernel, all: AnyObject & { testcase: JsonObject | null }): Material | { missing: string } {
  if (prompt.template_language === 'jinja') {
    const texts: string[] = [];
    walk(all, (text) => texts.push(text));
    const { rule, fenced } = fenceTexts(texts.map((text) => ({ label: 'material', text })));
    let next = 0;
    return { rule, inputs: walk(all, () => fenced[next++] ?? '') as JsonObject };
  }
  const names = templateVariables(prompt.template).filter((name) => Object.hasOwn(all, /^[^.[]*/.exec(name)?.[0] ?? ''));
  const parts: { label: string; text: string }[] = [];
  for (const name of names) {
    if (all.testcase === null && name.startsWith('testcase')) return { missing: 'There is no datapoint to compare with.' };
    const value = resolveVariable(all, name);
    if (value === undefined) return { missing: `There is no \`${name}\` here.` };
    parts.push({ label: name, text: valueText(value) });
  }
  const { rule, fenced } = fenceTexts(parts);
  return { rule, inputs: Object.fromEntries(names.map((name, i) => [name, fenced[i] ?? ''])) };
}

/** The same value with every text replaced, in a fixed order. */
function walk(value: unknown, replace: (text: string) => string | number): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.keys(value).map((key) => [key, walk(getOwn(value, key), replace)]));
}

function kernelOf(spec: ModelSpec, rule: string, index: number): PromptKernel {
  const { prompt } = spec;
  const form = 'Answer with a JSON object and nothing else: first `reasoning`, your reasons in a few sentences, then `judgment`';
  const said = `${rule}\n\n${form}, ${wordsOf(spec)}.`;
  return {
    ...prompt,
    template: withRule(prompt.template ?? [], said),
    response_format: prompt.response_format ?? {
      type: 'json_schema',
      json_schema: { name: 'judgment', strict: true, schema: schemaOf(spec) },
    },
    // A seed makes one vote repeatable, not all of them the same.
    ...(prompt.seed == null ? {} : { seed: prompt.seed + index }),
  };
}

function withRule(template: Template, rule: string): Template {
  if (typeof template === 'string') return `${rule}\n\n${template}`;
  const message: ChatMessage = { role: 'system', content: rule };
  return [message, ...template];
}

function wordsOf({ return_type: type, options, number_limits: limits }: EvaluatorSpec): string {
  const names = (options ?? []).map(({ name }) => JSON.stringify(name)).join(', ');
  if (type === 'boolean') return 'true or false';
  if (type === 'number')
    return `a number${limits?.min == null ? '' : ` from ${limits.min}`}${limits?.max == null ? '' : ` to ${limits.max}`}`;
  if (type === 'select') return names === '' ? 'a text' : `one of ${names}`;
  if (type === 'multi_select') return names === '' ? 'a list of texts' : `a list of some of ${names}`;
  return 'a text';
}

function schemaOf({ return_type: type, options }: EvaluatorSpec): AnyObject {
  const names = (options ?? []).map(({ name }) => name);
  const text = names.length === 0 || type === 'text' ? { type: 'string' } : { type: 'string', enum: names };
  const kinds = { boolean: { type: 'boolean' }, number: { type: 'number' }, multi_select: { type: 'array', items: text } };
  const judgment = type === 'select' || type === 'text' ? text : kinds[type];
  return {
    type: 'object',
    properties: { reasoning: { type: 'string' }, judgment },
    required: ['reasoning', 'judgment'],
    additionalProperties: false,
  };
}

/** @throws Error when the answer is outside the form */
function readAnswer(spec: ModelSpec, text: string): Vote {
  const read = parseJson(text, { fences: true });
  const object = read.ok && typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value) ? read.value : null;
  const value = object === null ? bareValue(spec, read.ok ? read.value : text) : (getOwn(object, 'judgment') ?? getOwn(object, 'value'));
  const wrong = value === undefined || value === null ? 'It has no `judgment`.' : judgmentMismatch(spec, value as JudgmentValue);
  if (wrong !== null) throw new Error(`The judge answered outside the form: ${text.slice(0, 200)} — ${wrong}`);
  const reasoning = object === null ? null : (getOwn(object, 'reasoning') ?? getOwn(object, 'reason'));
  return { value: value as JudgmentValue, reason: typeof reasoning === 'string' && reasoning !== '' ? reasoning : null };
}

/** Models without structured answers say the judgment alone. */
function bareValue({ return_type: type }: ModelSpec, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  if (type === 'boolean' && /^(true|yes)\.?$/i.test(text)) return true;
  if (type === 'boolean' && /^(false|no)\.?$/i.test(text)) return false;
  return text;
}
