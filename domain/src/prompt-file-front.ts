import { kernelSchemas } from '@whetstone/contract';
import type { AnyObject, Kernels } from '@whetstone/contract';
import { LineCounter, isMap, isScalar, parseDocument } from 'yaml';
import { PromptFileError, skipBlanks } from './prompt-file-text.ts';
import { canonicalJson, getOwn, setOwn } from './text.ts';

/** The front matter of a prompt file: YAML in, JSON-flavoured YAML out. */

type Kind = 'prompt' | 'agent';

/** The order in which fields are written; what a kind has beyond them follows in its own order. */
const order = [
  'model',
  'temperature',
  'max_tokens',
  'top_p',
  'stop',
  'presence_penalty',
  'frequency_penalty',
  'seed',
  'other',
  'response_format',
  'reasoning_effort',
  'provider',
  'endpoint',
  'template_language',
  'attributes',
  'max_iterations',
  'linked_tools',
  'tools',
];

export interface FrontMatter {
  fields: AnyObject;
  /** The key `body`: how the text after the front matter is to be read. */
  body: unknown;
  ignored: string[];
  /** Where each key stands in the file. */
  offsets: Map<string, number>;
}

/** Where front matter and body of a file are. */
export function splitFrontMatter(source: string): { yaml: string; yamlOffset: number; bodyOffset: number } {
  const start = skipBlanks(source, 0);
  const opening = /---[ \t]*(?:\n|$)/y;
  opening.lastIndex = start;
  if (!opening.test(source)) throw new PromptFileError('The file starts with a line `---`, then `model: …`, then another `---`.', start);
  const yamlOffset = opening.lastIndex;
  const closing = /^---[ \t]*(?:\n|$(?![\s\S]))/gm;
  closing.lastIndex = yamlOffset;
  const end = closing.exec(source);
  if (end === null) throw new PromptFileError('The front matter is not closed by a line `---`.', start);
  return { yaml: source.slice(yamlOffset, end.index), yamlOffset, bodyOffset: end.index + end[0].length };
}

export function parseFrontMatter(kind: Kind, yaml: string, offset: number): FrontMatter {
  const { value, offsets } = readYaml(yaml, offset);
  const known = new Set(Object.keys(kernelSchemas[kind].shape).filter((field) => field !== 'template'));
  const front: FrontMatter = { fields: {}, body: getOwn(value, 'body'), ignored: [], offsets };
  for (const key of Object.keys(value)) {
    if (known.has(key)) setOwn(front.fields, key, getOwn(value, key));
    else if (key !== 'body') front.ignored.push(key);
  }
  return front;
}

/** Lines of YAML, each ended; `body` is added when it is not null. */
export function printFrontMatter<K extends Kind>(kind: K, kernel: Kernels[K], body: string | null): string {
  const known = Object.keys(kernelSchemas[kind].shape).filter((field) => field !== 'template' && !order.includes(field));
  let text = '';
  for (const field of [...order, ...known]) {
    const value = getOwn(kernel, field);
    if (value !== null && value !== undefined && Object.hasOwn(kernelSchemas[kind].shape, field))
      text += `${field}: ${printValue(field, value)}\n`;
  }
  return body === null ? text : `${text}body: ${body}\n`;
}

/** Longer YAML could keep the reader busy for seconds; longer front matter has to be as we print it. */
const longestYaml = 250_000;

interface Fields {
  value: object;
  offsets: Map<string, number>;
}

/** Front matter as `printFrontMatter` writes it: a JSON value or plain word on each line, tools one a line. */
function readPrinted(yaml: string, offset: number): Fields {
  const value = {};
  const offsets = new Map<string, number>();
  const lines = /^([a-z_]+): (\[(?=\n)(?:\n {2}.*)*\n\]|.*)(?:\n|$)/gmy;
  while (lines.lastIndex < yaml.length) {
    const at = lines.lastIndex;
    const [, key = '', text = ''] = lines.exec(yaml) ?? [];
    offsets.set(key, offset + at);
    try {
      setOwn(value, key, isPlain(text) ? text : (JSON.parse(text) as unknown));
    } catch {
      throw new PromptFileError(`A front matter of more than ${longestYaml} characters consists of lines \`key: JSON\`.`, offset + at);
    }
  }
  return { value, offsets };
}

function readYaml(yaml: string, offset: number): Fields {
  if (yaml.length > longestYaml) return readPrinted(yaml, offset);
  const offsets = new Map<string, number>();
  try {
    const lineCounter = new LineCounter();
    const document = parseDocument(yaml, {
      version: '1.2',
      schema: 'core',
      lineCounter,
      stringKeys: true,
      prettyErrors: false,
      logLevel: 'silent',
    });
    const [error] = document.errors;
    if (error !== undefined) throw new PromptFileError(`Not valid YAML: ${error.message}`, offset + error.pos[0]);
    if (document.contents === null) return { value: {}, offsets };
    if (!isMap(document.contents)) throw new PromptFileError('The front matter consists of lines `key: value`.', offset);
    for (const { key } of document.contents.items) {
      if (isScalar(key) && key.range != null) offsets.set(String(key.value), offset + key.range[0]);
    }
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    canonicalJson(value);
    return { value: typeof value === 'object' && value !== null ? value : {}, offsets };
  } catch (error) {
    if (error instanceof PromptFileError) throw error;
    // Too deep a nesting, or aliases that multiply.
    throw new PromptFileError(error instanceof RangeError ? 'The front matter is nested too deeply.' : messageOf(error), offset);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'The front matter cannot be read.';
}

function printValue(field: string, value: unknown): string {
  if (field === 'tools' && Array.isArray(value) && value.length > 0)
    return `[\n${value.map((tool) => `  ${inlineJson(tool)}`).join(',\n')}\n]`;
  if (typeof value === 'string' && isPlain(value)) return value;
  return inlineJson(value);
}

/** Text that YAML reads as itself without quotes, by a cautious rule. */
function isPlain(text: string): boolean {
  return /^[A-Za-z][\w./@-]*(?::[\w./@-]+)*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
}

/** JSON on one line with blanks after colons and commas, which YAML reads as the same value. */
function inlineJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inlineJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? quoted(value) : JSON.stringify(value ?? null);
  const entries = Object.keys(value).flatMap((key) => {
    const item = getOwn(value, key);
    if (item === undefined) return [];
    const name = quoted(key);
    // YAML wants a question mark before a key of more than 1024 characters.
    return [`${name.length > 1000 ? `? ${name} ` : name}: ${inlineJson(item)}`];
  });
  return `{${entries.join(', ')}}`;
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
