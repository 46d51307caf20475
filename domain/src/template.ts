import { AppError } from '@whetstone/contract';
import type { AnyObject, ChatMessage, Template } from '@whetstone/contract';
import { scanTemplate } from './template-scan.ts';
import type { CallArgument, TemplatePart } from './template-scan.ts';
import { getOwn } from './text.ts';

/**
 * The default template dialect, free of logic: `{{ name }}`, `{{ a.b[0].c }}`, `{{ tool_name("argument", name) }}` and
 * `{{ "text" }}`, which stands for the text itself (so `{{ "{{" }}` writes two braces). Everything else is plain text.
 */

/** Rendered text longer than this is refused. Images travel as data URLs, hence the size. */
export const maxRenderedChars = 20_000_000;

export type Rendered<T> = { ok: true; value: T } | RenderFailure;
export interface RenderFailure {
  ok: false;
  reason: 'missing' | 'too_large' | 'invalid';
  /** Names of the variables without a value, in order of appearance. */
  missing: string[];
  message: string;
}
export interface RenderOptions {
  /** Results of the calls that `listCalls` named, by their key. */
  results?: ReadonlyMap<string, string>;
  maxChars?: number;
}

/** A call of a snippet or tool in a template. Equal calls share a key and need one result. */
export interface TemplateCall {
  key: string;
  name: string;
  args: unknown[];
}

/** Names of the variables of a template in order of first appearance, paths as they are written. */
export function templateVariables(template: Template | null | undefined): string[] {
  const names = new Set<string>();
  for (const part of partsOf(template)) {
    if (part.type === 'variable') names.add(part.name);
    if (part.type === 'call') for (const argument of part.args) if (argument.type === 'variable') names.add(argument.name);
  }
  return [...names];
}

/** The calls that need a result before `renderTemplate`; those with a missing argument are left out. */
export function listCalls(template: Template | null | undefined, inputs: AnyObject): TemplateCall[] {
  const calls = new Map<string, TemplateCall>();
  for (const part of partsOf(template)) {
    if (part.type !== 'call') continue;
    const args = resolveArguments(part.args, inputs);
    if (args !== null) calls.set(callKey(part.name, args), { key: callKey(part.name, args), name: part.name, args });
  }
  return [...calls.values()];
}

export function callKey(name: string, args: readonly unknown[]): string {
  return `${name}(${args.map((argument) => JSON.stringify(argument)).join(', ')})`;
}

/**
 * A template with its variables filled in: text or messages as given. Values are inserted once and never read as
 * templates; objects and lists are written as JSON, null as nothing. Only own properties are seen.
 */
export function renderTemplate<T extends Template>(template: T, inputs: AnyObject, options: RenderOptions = {}): Rendered<T> {
  const writer = new Writer(inputs, options);
  const value = mapTemplate(template, (text) => writer.write(scanTemplate(text)));
  return writer.outcome(value);
}

/** The same text or messages, with every text and image URL in it replaced. */
export function mapTemplate<T extends Template>(template: T, replace: (text: string) => string): T;
export function mapTemplate(template: Template, replace: (text: string) => string): Template {
  if (typeof template === 'string') return replace(template);
  return template.map((message): ChatMessage => {
    const { content } = message;
    if (content === null || content === undefined) return message;
    if (typeof content === 'string') return { ...message, content: replace(content) };
    return {
      ...message,
      content: content.map((part) =>
        part.type === 'text'
          ? { ...part, text: replace(part.text) }
          : { ...part, image_url: { ...part.image_url, url: replace(part.image_url.url) } },
      ),
    };
  });
}

/** Every text and image URL of a template, in order. */
export function templateTexts(template: Template | null | undefined): string[] {
  const texts: string[] = [];
  if (template !== null && template !== undefined) {
    mapTemplate(template, (text) => {
      texts.push(text);
      return text;
    });
  }
  return texts;
}

/** Text that the default dialect renders as `text` itself, whatever braces it has. */
export function escapeTemplate(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}

/** The 422 for a failed rendering; its details name each missing variable. */
export function renderError(failure: RenderFailure): AppError {
  const details = failure.missing.map((name) => ({
    loc: ['body', 'inputs', name],
    msg: `\`${name}\` is missing`,
    type: 'value_error.missing',
  }));
  return new AppError('invalid_input', failure.message, {
    details: details.length > 0 ? details : [{ loc: ['body', 'inputs'], msg: failure.message, type: 'value_error.template' }],
  });
}

export function missingVariables(missing: readonly string[]): RenderFailure {
  const names = missing.map((name) => `\`${name}\``).join(', ');
  const message = `The template needs ${missing.length === 1 ? 'a value' : 'values'} for ${names}. Send ${missing.length === 1 ? 'it' : 'them'} in \`inputs\`.`;
  return { ok: false, reason: 'missing', missing: [...missing], message };
}

export function renderedTooLarge(maxChars: number): RenderFailure {
  return { ok: false, reason: 'too_large', missing: [], message: `The filled-in template is longer than ${maxChars} characters.` };
}

/** The value that a variable names: a key of exactly this name, else a path into own properties; undefined when absent. */
export function resolveVariable(inputs: AnyObject, name: string): unknown {
  if (Object.hasOwn(inputs, name)) return getOwn(inputs, name);
  if (!/^[^.[\]]+(?:\.[^.[\]]+|\[\d+\])*$/.test(name)) return undefined;
  let value: unknown = inputs;
  for (const step of name.match(/[^.[\]]+/g) ?? []) {
    // Of a list only its items: `length` is an own property too.
    if (Array.isArray(value) && !/^\d+$/.test(step)) return undefined;
    value = getOwn(value, step);
    if (value === undefined) return undefined;
  }
  return value;
}

/** How a value appears in rendered text. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : JSON.stringify(value);
}

class Writer {
  readonly #inputs: AnyObject;
  readonly #results: ReadonlyMap<string, string>;
  readonly #maxChars: number;
  readonly #missing = new Set<string>();
  readonly #unanswered = new Set<string>();
  #written = 0;

  constructor(inputs: AnyObject, options: RenderOptions) {
    this.#inputs = inputs;
    this.#results = options.results ?? new Map();
    this.#maxChars = options.maxChars ?? maxRenderedChars;
  }

  write(parts: readonly TemplatePart[]): string {
    const written: string[] = [];
    for (const part of parts) {
      const text = this.#textOf(part);
      this.#written += text.length;
      // Past the cap nothing more is kept, so that a value used a thousand times costs no memory.
      if (this.#written > this.#maxChars) return '';
      written.push(text);
    }
    return written.join('');
  }

  outcome<T>(value: T): Rendered<T> {
    if (this.#missing.size > 0) return missingVariables([...this.#missing]);
    if (this.#unanswered.size > 0) {
      const message = `The template calls ${[...this.#unanswered].map((call) => `\`${call}\``).join(', ')}, which gave no result.`;
      return { ok: false, reason: 'invalid', missing: [], message };
    }
    return this.#written > this.#maxChars ? renderedTooLarge(this.#maxChars) : { ok: true, value };
  }

  #textOf(part: TemplatePart): string {
    if (part.type === 'text') return part.text;
    if (part.type === 'variable') {
      const value = resolveVariable(this.#inputs, part.name);
      if (value !== undefined) return valueText(value);
      this.#missing.add(part.name);
      return '';
    }
    const args = resolveArguments(part.args, this.#inputs, this.#missing);
    if (args === null) return '';
    const key = callKey(part.name, args);
    const result = this.#results.get(key);
    if (result === undefined) this.#unanswered.add(key);
    return result ?? '';
  }
}

function resolveArguments(args: readonly CallArgument[], inputs: AnyObject, missing?: Set<string>): unknown[] | null {
  let complete = true;
  const values = args.map((argument) => {
    if (argument.type === 'value') return argument.value;
    const value = resolveVariable(inputs, argument.name);
    if (value !== undefined) return value;
    complete = false;
    missing?.add(argument.name);
    return null;
  });
  return complete ? values : null;
}

function partsOf(template: Template | null | undefined): TemplatePart[] {
  return templateTexts(template).flatMap(scanTemplate);
}
