import type { AnyObject, ChatMessage, EvaluatorSpec, JsonObject, JudgmentValue, PromptKernel, Scope, Template } from '@whetstone/contract';
import { getOwn, judgmentMismatch, resolveVariable, templateVariables, valueText } from '@whetstone/domain';
import { fenceTexts, parseJson } from '@whetstone/evaluators';
import { Calls } from '../calls.ts';
import type { Judge, Judged, Subject } from '../index.ts';
import { mapLimited, type Kind, type Room } from '../room.ts';
import { combine, type Vote } from './votes.ts';

type ModelSpec = Extract<EvaluatorSpec, { evaluator_type: 'llm' }> & { prompt: PromptKernel };

const askingAtOnce = 8;

/** A prompt over `log` and `testcase` that a model answers with its reasoning and a judgment. */
export const model: Kind = {
  recognises: (spec) => spec.evaluator_type === 'llm' && spec.prompt != null,
  judge: (room, scope, judge, subjects, signal) =>
    mapLimited(subjects, askingAtOnce, (subject) => judgeOne(room, scope, judge, subject, signal)),
};

async function judgeOne(room: Room, scope: Scope, { path, spec: given }: Judge, subject: Subject, signal: AbortSignal): Promise<Judged> {
  const spec = given as ModelSpec;
  const calls = new Calls(room, scope);
  const material = materialOf(spec.prompt, subject);
  if ('missing' in material) return { outcome: 'not_judged', reason: material.missing, stdout: null, costUsd: null, calls: [] };
  const vote = async (index: number): Promise<Vote> => {
    const kernel = kernelOf(spec, material.rule, index);
    return readAnswer(spec, await calls.ofKernel(path, kernel, material.inputs, [], signal));
  };
  try {
    const votes = await Promise.all(Array.from({ length: spec.votes ?? 1 }, (_, index) => vote(index)));
    return { ...combine(spec.return_type, votes), stdout: null, costUsd: calls.costUsd, calls: calls.logIds };
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    return { outcome: 'failed', error: message.slice(0, 1_000), stdout: null, costUsd: calls.costUsd, calls: calls.logIds };
  }
}

/** What is judged stands between marks that it cannot contain, wherever the template puts it. */
function materialOf(prompt: PromptKernel, { log, testcase }: Subject): { inputs: JsonObject; rule: string } | { missing: string } {
  const all: AnyObject = { log, testcase };
  if (prompt.template_language === 'jinja') {
    const texts: string[] = [];
    walk(all, (text) => texts.push(text));
    const { rule, fenced } = fenceTexts(texts.map((text) => ({ label: 'material', text })));
    let next = 0;
    return { rule, inputs: walk(all, () => fenced[next++] ?? '') as JsonObject };
  }
  const names = templateVariables(prompt.template).filter((name) => /^(log|testcase)\b/.test(name));
  const parts: { label: string; text: string }[] = [];
  for (const name of names) {
    if (testcase === null && name.startsWith('testcase')) return { missing: 'There is no datapoint to compare with.' };
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
