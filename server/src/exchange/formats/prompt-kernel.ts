import { chatMessage, type ChatMessage, type PromptKernel, promptKernel, type Template, toolFunction } from '@whetstone/contract';
import { jinjaProblem } from '@whetstone/domain';
import { type AnyRecord, isRecord, textOf, written } from './documents.ts';

/** What stands for a model where a prompt names none: a version cannot be without. */
export const placeholderModel = 'gpt-4o';

/** Template text of other products in the dialect of ours that says the same. */
export interface Translated {
  template: Template | null;
  language: 'jinja' | null;
  /** What was lost; null when nothing was. */
  lost: string | null;
}

/** Our default dialect knows names and paths; whatever has more in braces is Jinja. */
const plainOnly = /\{\{\s*[A-Za-z_\d.[\]]+\s*\}\}/g;
const jinjaMarks = /\{\{|\{%|\{#/;

/** Nunjucks and Jinja, in which `{{name}}` is a variable. */
export function translated(template: Template | null): Translated {
  if (template === null) return { template, language: null, lost: null };
  const texts = typeof template === 'string' ? [template] : template.flatMap(({ content }) => textsOf(content));
  if (!texts.some((text) => jinjaMarks.test(text.replace(plainOnly, '')))) return { template, language: null, lost: null };
  const jinja = mapTexts(template, (text) => text.replace(/\|\s*dump\b/g, '| tojson'));
  const problem = jinjaProblem(jinja);
  if (problem === null) return { template: jinja, language: 'jinja', lost: null };
  return { template, language: null, lost: `Its template is no Jinja (${problem}); what is in braces stays as it is written.` };
}

function textsOf(content: ChatMessage['content']): string[] {
  if (typeof content === 'string') return [content];
  return (content ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : [part.image_url.url]));
}

/** The same template with every text of it changed. */
export function mapTexts(template: Template, change: (text: string) => string): Template {
  if (typeof template === 'string') return change(template);
  return template.map((message) => {
    if (typeof message.content === 'string') return { ...message, content: change(message.content) };
    const content = message.content?.map((part) =>
      part.type === 'text'
        ? { ...part, text: change(part.text) }
        : { ...part, image_url: { ...part.image_url, url: change(part.image_url.url) } },
    );
    return content === undefined ? message : { ...message, content };
  });
}

/** Messages of OpenAI's shapes, chat or Responses, in ours; null when one is none. */
export function messagesOf(value: unknown): ChatMessage[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const messages = value.map((each) => messageOf(each));
  return messages.every((each) => each !== null) ? messages : null;
}

function messageOf(value: unknown): ChatMessage | null {
  if (!isRecord(value)) return null;
  const given = value['content'];
  const content = isRecord(given) ? [partOf(given)] : Array.isArray(given) ? given.map((part) => partOf(part)) : given;
  const [only, ...others] = Array.isArray(content) ? content : [];
  const plain = isRecord(only) && only['type'] === 'text' && others.length === 0 ? only['text'] : content;
  const parsed = chatMessage.safeParse({ ...value, content: plain });
  return parsed.success ? parsed.data : null;
}

function partOf(part: unknown): unknown {
  if (typeof part === 'string') return { type: 'text', text: part };
  if (!isRecord(part)) return part;
  const { type, text, image_url: image, detail } = part;
  if (type === 'input_text' || type === 'output_text') return { type: 'text', text };
  if (type === 'input_image') return { type: 'image_url', image_url: { url: image, ...(detail ? { detail } : {}) } };
  return part;
}

const sameNames = ['temperature', 'top_p', 'stop', 'presence_penalty', 'frequency_penalty', 'seed', 'reasoning_effort', 'response_format'];
const tokenNames = ['max_tokens', 'max_completion_tokens', 'max_completions_tokens', 'max_output_tokens', 'maxTokens'];

/**
 * A kernel from parameters in OpenAI's names, those of chat completions and of responses, as other products keep them too.
 * What a version has no field for goes to `other`, as it was. @throws ZodError for a value that is none of its field
 */
export function kernelOf(model: string | null, provider: string | null, text: Translated, parameters: AnyRecord): PromptKernel {
  const rest: AnyRecord = { ...parameters };
  const take = (name: string): unknown => {
    const value = rest[name];
    delete rest[name];
    return value ?? undefined;
  };
  const known: AnyRecord = {};
  for (const name of sameNames) known[name] = take(name);
  for (const name of tokenNames) known['max_tokens'] ??= take(name);
  const { effort, ...reasoning } = isRecord(rest['reasoning']) ? (take('reasoning') as AnyRecord) : {};
  known['reasoning_effort'] ??= effort ?? undefined;
  if (Object.values(reasoning).some((value) => value !== null)) rest['reasoning'] = reasoning;
  const { format, ...textOptions } = isRecord(rest['text']) ? (take('text') as AnyRecord) : {};
  known['response_format'] ??= isRecord(format) ? formatOf(format) : undefined;
  if (Object.values(textOptions).some((value) => value !== null)) rest['text'] = textOptions;
  const tools = Array.isArray(rest['tools']) ? (take('tools') as unknown[]) : [];
  const functions = tools.flatMap((tool) => functionOf(tool) ?? []);
  const others = tools.filter((tool) => functionOf(tool) === null);
  if (others.length > 0) rest['tools'] = others;
  const other = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null && value !== undefined));
  const kernel = {
    model: model ?? placeholderModel,
    ...(provider === null ? {} : { provider }),
    endpoint: typeof text.template === 'string' ? 'complete' : 'chat',
    ...(text.template === null ? {} : { template: text.template }),
    ...(text.language === null ? {} : { template_language: text.language }),
    ...known,
    ...(functions.length > 0 ? { tools: functions } : {}),
    ...(Object.keys(other).length > 0 ? { other } : {}),
  };
  return promptKernel.parse(kernel);
}

/** A function tool of chat completions or of responses; null for tools that the vendor runs. */
function functionOf(tool: unknown): unknown {
  if (!isRecord(tool) || (tool['type'] !== undefined && tool['type'] !== 'function')) return null;
  const parsed = toolFunction.safeParse(isRecord(tool['function']) ? tool['function'] : tool);
  return parsed.success ? parsed.data : null;
}

/** Responses name a schema flat, chat completions in `json_schema`. */
function formatOf(format: AnyRecord): unknown {
  const { type, ...schema } = format;
  if (type === 'text') return undefined;
  return type === 'json_schema' && !isRecord(schema['json_schema']) ? { type, json_schema: schema } : format;
}

/** Inputs and messages of a case whose shape nobody fixed. */
export function caseOf(input: unknown): { inputs?: Record<string, string>; messages?: ChatMessage[] } {
  const messages = messagesOf(input);
  if (messages !== null) return { messages };
  if (!isRecord(input)) return input === null || input === undefined ? {} : { inputs: { input: written(input) } };
  const { messages: given, ...rest } = input;
  const own = messagesOf(given);
  const inputs = Object.fromEntries(Object.entries(own === null ? input : rest).map(([name, value]) => [name, written(value)]));
  return { ...(Object.keys(inputs).length > 0 ? { inputs } : {}), ...(own === null ? {} : { messages: own }) };
}

/** What should come out, of any shape, as a target; null for nothing. */
export function targetOf(expected: unknown): Record<string, never> | null {
  if (expected === null || expected === undefined || expected === '') return null;
  const entries = isRecord(expected) ? Object.entries(expected).filter(([, value]) => value !== null) : [['output', expected]];
  return entries.length === 0 ? null : (Object.fromEntries(entries) as Record<string, never>);
}

/** A date of the vendor: ISO 8601, or seconds since 1970. */
export function dateOf(value: unknown): Date | null {
  if (typeof value !== 'number' && textOf(value) === null) return null;
  const date = new Date(typeof value === 'number' ? value * 1000 : (value as string));
  return Number.isNaN(date.getTime()) ? null : date;
}
