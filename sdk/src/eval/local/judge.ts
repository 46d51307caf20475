import module from 'node:module';
import type { EvaluatorSpec, Json, JsonObject, PromptKernel } from '@whetstone/contract';
import { isPairwise, judgmentMismatch } from '@whetstone/domain';
import { judgeByModel, type ModelSpec, readyEvaluator, specOutcome } from '@whetstone/evaluators';
import { judgedByCode, type Program, type Sandbox } from '@whetstone/sandbox';
import type { ScoreFunction } from '../definition.ts';
import type { Judged } from '../results.ts';
import { atOnce } from './at-once.ts';
import { callProvider, type Provider } from './provider.ts';

/** Judges on this machine, by the same code as the server: the same log gives the same judgment, byte for byte. */

export interface Subject {
  log: JsonObject;
  testcase: JsonObject | null;
}

export interface Means {
  sandbox: () => Sandbox;
  provider: () => Provider;
  concurrency: number;
  signal: AbortSignal;
  /** Told what calls cost; null: unknown. */
  spent: (costUsd: number | null) => void;
}

export async function judgeBySpec(spec: EvaluatorSpec, subjects: readonly Subject[], means: Means): Promise<Judged[]> {
  if (spec.evaluator_type === 'python') return byCode(spec, subjects, means);
  if (spec.evaluator_type === 'external' && spec.library != null) return byLibrary(spec, subjects, means);
  if (isPairwise(spec)) {
    const reason = 'This judge compares two answers to the same case: it runs in evaluations of the server.';
    return subjects.map(() => ({ outcome: 'not_judged', reason }));
  }
  if (spec.evaluator_type === 'llm' && spec.prompt != null) return byModel(spec as ModelSpec, subjects, means);
  const reason = 'People, or a process outside, judge with this evaluator: it cannot be run here.';
  return subjects.map(() => ({ outcome: 'not_judged', reason }));
}

async function byCode(
  spec: Extract<EvaluatorSpec, { evaluator_type: 'python' }>,
  subjects: readonly Subject[],
  means: Means,
): Promise<Judged[]> {
  // JavaScript is TypeScript without types; where Node cannot take types away, there must be none.
  const javascript = typeof module.stripTypeScriptTypes === 'function' ? 'typescript' : 'javascript';
  const program: Program = { tenant: 'local', language: spec.language === 'javascript' ? javascript : 'python', source: spec.code };
  const options = program.source.includes('ask') ? { signal: means.signal, ask: asker(means) } : { signal: means.signal };
  const outcomes = await means.sandbox().judgeMany(program, subjects, options);
  return outcomes.map((outcome) => judgedByCode(spec, outcome));
}

/** `ask()` of code: models by name; prompts of the workspace are on a server. */
function asker(means: Means) {
  return async (request: Json, signal: AbortSignal): Promise<Json> => {
    const { model, messages, prompt, ...rest } = (request ?? {}) as Record<string, unknown>;
    if (prompt !== undefined) throw new Error('Prompts of the workspace need a server: run without --local, or ask({ model, messages }).');
    if (typeof model !== 'string' || !Array.isArray(messages)) throw new Error('ask() takes { model, messages }; it answers with text.');
    return callModel({ ...(rest as object), model, template: messages as never }, {}, { ...means, signal });
  };
}

async function byLibrary(spec: EvaluatorSpec, subjects: readonly Subject[], means: Means): Promise<Judged[]> {
  const named = spec.evaluator_type === 'external' ? spec.library : null;
  if (named == null) throw new Error('This is no evaluator of the library.');
  const { model } = named;
  const help = {
    signal: means.signal,
    ...(model == null
      ? {}
      : {
          ask: ({ messages, response_format }: { messages: unknown; response_format: PromptKernel['response_format'] }) =>
            callModel({ model, response_format, temperature: 0, template: messages as never }, {}, means),
        }),
    ...(named.embedding_model == null ? {} : { embed: (texts: readonly string[]) => embed(named.embedding_model as string, texts, means) }),
  };
  const ready = await readyEvaluator(named.name, named.options ?? {}).catch((error: unknown) =>
    error instanceof Error ? error.message : 'The evaluator failed.',
  );
  if (typeof ready === 'string') return subjects.map(() => ({ outcome: 'failed', error: ready }));
  return each(subjects, means, async (subject) => specOutcome(spec, await ready.judge(subject, help)));
}

function byModel(spec: ModelSpec, subjects: readonly Subject[], means: Means): Promise<Judged[]> {
  return each(subjects, means, (subject) =>
    judgeByModel(spec, subject, (kernel, inputs) => callModel(kernel, inputs, means), means.signal),
  );
}

async function each(subjects: readonly Subject[], means: Means, judge: (subject: Subject) => Promise<Judged>): Promise<Judged[]> {
  const judged: Judged[] = [];
  await atOnce(subjects, means.concurrency, async (subject, index) => void (judged[index] = await judge(subject)));
  return judged;
}

async function callModel(kernel: PromptKernel, inputs: JsonObject, means: Means): Promise<string> {
  const { output, costUsd } = await callProvider(means.provider(), { kernel, inputs, messages: [], price: null, signal: means.signal });
  means.spent(costUsd);
  return output;
}

async function embed(model: string, texts: readonly string[], { provider, signal, spent }: Means): Promise<number[][]> {
  const { baseUrl, apiKey, fetch } = provider();
  const response = await fetch(`${baseUrl}/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ model, input: texts }),
    signal,
  });
  if (!response.ok) throw new Error(`The provider answered with ${response.status}: ${(await response.text()).slice(0, 300)}`);
  const { data } = (await response.json()) as { data: { index: number; embedding: number[] }[] };
  spent(null);
  return data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
}

/** Judges by functions of the caller's own, which are trusted: they run in this process. */
export async function judgeByFunction(
  fn: ScoreFunction,
  spec: EvaluatorSpec | null,
  subjects: readonly Subject[],
  { concurrency }: Pick<Means, 'concurrency'>,
): Promise<Judged[]> {
  const judged: Judged[] = [];
  await atOnce(subjects, concurrency, async (subject, index) => void (judged[index] = await callFunction(fn, spec, subject)));
  return judged;
}

async function callFunction(fn: ScoreFunction, spec: EvaluatorSpec | null, { log, testcase }: Subject): Promise<Judged> {
  if (log['output'] == null) return { outcome: 'not_judged', reason: 'There is no output.' };
  try {
    const said = await fn({
      output: log['output'] as string,
      inputs: (testcase?.['inputs'] ?? log['inputs'] ?? {}) as Record<string, unknown>,
      messages: (testcase?.['messages'] ?? null) as never,
      target: targetOf(testcase?.['target']),
      log,
      testcase: testcase ?? {},
    });
    if (said === null || said === undefined) return { outcome: 'not_judged', reason: 'The function gave no judgment.' };
    const whole = typeof said === 'object' && !Array.isArray(said) ? said : { value: said };
    const { value, reason = null } = whole;
    const wrong = wrongValue(value) ?? (spec === null ? null : judgmentMismatch(spec, value));
    return wrong === null ? { outcome: 'judged', value, reason } : { outcome: 'failed', error: wrong };
  } catch (error) {
    return { outcome: 'failed', error: (error instanceof Error ? error.message : String(error)).slice(0, 1000) || 'The function failed.' };
  }
}

/** A target that is one text alone is given as text, as it was written. */
function targetOf(target: unknown): unknown {
  if (typeof target !== 'object' || target === null) return target ?? null;
  const keys = Object.keys(target);
  return keys.length === 1 && keys[0] === 'output' ? (target as { output: unknown }).output : target;
}

function wrongValue(value: unknown): string | null {
  if (typeof value === 'boolean' || typeof value === 'string') return null;
  if (typeof value === 'number') return Number.isFinite(value) ? null : `It returned ${value}, which is no finite number.`;
  if (Array.isArray(value) && value.every((label) => typeof label === 'string')) return null;
  return 'It returned what is no judgment: give true or false, a number, text, a list of texts, or { value, reason }.';
}

/** What functions return, from their first values, where nobody said it. */
export function specOfValues(judged: readonly Judged[]): EvaluatorSpec {
  const values = judged.flatMap((one) => (one.outcome === 'judged' ? [one.value] : []));
  const all = (type: string): boolean => values.length > 0 && values.every((value) => typeof value === type);
  const type = all('boolean')
    ? 'boolean'
    : all('number')
      ? 'number'
      : values.every(Array.isArray) && values.length > 0
        ? 'multi_select'
        : values.length === 0
          ? 'boolean'
          : 'text';
  return {
    evaluator_type: 'external',
    arguments_type: 'target_free',
    return_type: type,
    ...(type === 'number' ? { number_valence: 'positive' as const } : {}),
  };
}
