import type { AnyObject, Template } from '@whetstone/contract';
import { Environment, Interpreter, parseJinja } from './jinja-engine.ts';
import type { RuntimeValue } from './jinja-engine.ts';
import { iterableOf, jinjaNames } from './jinja-names.ts';
import type { JinjaNode } from './jinja-names.ts';
import { callKey, mapTemplate, maxRenderedChars, renderedTooLarge, resolveVariable, templateTexts, valueText } from './template.ts';
import type { RenderFailure, RenderOptions, Rendered, TemplateCall } from './template.ts';

/**
 * The Jinja dialect. This is the pure part: bounded by steps and size, so that it always ends, but a step can be slow.
 * A server runs it in a worker with a deadline.
 */

export interface JinjaOptions extends RenderOptions {
  /** Evaluated nodes; 1,000,000 unless told, which takes about a second. */
  maxSteps?: number;
}

const defaultMaxSteps = 1_000_000;
const maxRange = 100_000;

/**
 * A Jinja template filled in, each text of it by itself. An absent variable renders as nothing, as Jinja has it; no
 * clock is in reach (`strftime_now` is not defined). Never throws: a template that is wrong or endless is `invalid`.
 */
export function renderJinja<T extends Template>(template: T, inputs: AnyObject, options: JinjaOptions = {}): Rendered<T> {
  const budget = new Budget(options);
  try {
    const calls = new Set(namesOf(template).calls.map((call) => call.name));
    const value = mapTemplate(template, (text) => {
      const environment = environmentOf(inputs, calls, options.results ?? new Map());
      const written = new BoundedInterpreter(environment, budget).run(parseJinja(text));
      return budget.count(valueText(written.value));
    });
    return { ok: true, value };
  } catch (error) {
    return failureOf(error, budget);
  }
}

/** Free variables of a Jinja template, top-level names in order of first appearance; [] for one that does not parse. */
export function jinjaVariables(template: Template | null | undefined): string[] {
  try {
    return namesOf(template).variables;
  } catch {
    return [];
  }
}

/** Why a template is not Jinja, or null when it is. */
export function jinjaProblem(template: Template | null | undefined): string | null {
  try {
    namesOf(template);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** Calls of functions that Jinja does not have, whose arguments are constants or inputs: snippets and tools. */
export function listJinjaCalls(template: Template | null | undefined, inputs: AnyObject): TemplateCall[] {
  const calls = new Map<string, TemplateCall>();
  let found;
  try {
    found = namesOf(template).calls;
  } catch {
    return [];
  }
  for (const { name, args } of found) {
    const values = args.map((argument) => (argument.type === 'value' ? argument.value : (resolveVariable(inputs, argument.name) ?? null)));
    calls.set(callKey(name, values), { key: callKey(name, values), name, args: values });
  }
  return [...calls.values()];
}

function namesOf(template: Template | null | undefined): ReturnType<typeof jinjaNames> {
  return jinjaNames(templateTexts(template).map(parseJinja));
}

class Budget {
  readonly maxChars: number;
  #steps: number;
  #chars = 0;
  tooLarge = false;

  constructor(options: JinjaOptions) {
    this.maxChars = options.maxChars ?? maxRenderedChars;
    this.#steps = options.maxSteps ?? defaultMaxSteps;
  }

  step(count = 1): void {
    this.#steps -= count;
    if (this.#steps < 0) throw new Error('The template takes too many steps; does it loop too often?');
  }

  /** Refuses a value in the making that alone passes the cap. */
  check(length: number): void {
    if (length <= this.maxChars) return;
    this.tooLarge = true;
    throw new Error('too large');
  }

  count(text: string): string {
    this.#chars += text.length;
    this.check(this.#chars);
    return text;
  }
}

class BoundedInterpreter extends Interpreter {
  readonly #budget: Budget;
  /** What a loop runs over. Its turns are charged beforehand: an empty body evaluates nothing that would count. */
  readonly #iterables = new WeakSet<JinjaNode>();

  constructor(environment: Environment, budget: Budget) {
    super(environment);
    this.#budget = budget;
  }

  override evaluate(statement: JinjaNode | undefined, environment: Environment): RuntimeValue {
    this.#budget.step();
    const iterable = statement?.type === 'For' ? iterableOf(statement) : null;
    if (iterable !== null) this.#iterables.add(iterable);
    const result = super.evaluate(statement, environment);
    const { value } = result;
    if (typeof value === 'string' || Array.isArray(value)) {
      this.#budget.check(value.length);
      if (statement !== undefined && this.#iterables.has(statement)) this.#budget.step(value.length);
    }
    return result;
  }
}

function environmentOf(inputs: AnyObject, calls: ReadonlySet<string>, results: ReadonlyMap<string, string>): Environment {
  const globals = new Environment();
  for (const [name, value] of [
    ['true', true],
    ['false', false],
    ['none', null],
    ['True', true],
    ['False', false],
    ['None', null],
  ] as const) {
    globals.set(name, value);
  }
  globals.set('range', boundedRange);
  globals.set('raise_exception', (message: unknown) => {
    throw new Error(String(message));
  });
  for (const name of calls) {
    globals.variables.delete(name);
    globals.set(name, (...args: unknown[]) => {
      const result = results.get(callKey(name, args));
      if (result === undefined) throw new Error(`The template calls \`${name}\`, which gave no result.`);
      return result;
    });
  }
  const environment = new Environment(globals);
  environment.variables.clear();
  for (const name of Object.keys(inputs)) environment.set(name, resolveVariable(inputs, name));
  return environment;
}

function boundedRange(first: number, second?: number, step = 1): number[] {
  const start = second === undefined ? 0 : first;
  const stop = second ?? first;
  if (step === 0) throw new Error('range() needs a step other than zero.');
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= maxRange)) throw new Error(`range() is limited to ${maxRange} items.`);
  return Array.from({ length }, (_, i) => start + i * step);
}

function failureOf(error: unknown, budget: Budget): RenderFailure {
  if (budget.tooLarge) return renderedTooLarge(budget.maxChars);
  return { ok: false, reason: 'invalid', missing: [], message: `The Jinja template cannot be rendered: ${messageOf(error)}` };
}

function messageOf(error: unknown): string {
  if (error instanceof RangeError) return 'It is nested too deeply or makes too long a text.';
  return error instanceof Error ? error.message.slice(0, 500) : 'unknown error';
}
