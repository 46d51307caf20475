import { AppError, kernelSchemas } from '@whetstone/contract';
import type { AnyObject, ChatMessage, Kernels, Template } from '@whetstone/contract';
import { parseFrontMatter, printFrontMatter, splitFrontMatter } from './prompt-file-front.ts';
import { parseMessages } from './prompt-file-messages.ts';
import { printMessages } from './prompt-file-print.ts';
import { PromptFileError, positionOf, strip } from './prompt-file-text.ts';
import { canonicalJson, setOwn } from './text.ts';

/**
 * The `.prompt` and `.agent` text formats: YAML front matter, then one element per message, or plain text. See
 * docs for the form; `parse(print(kernel))` is the same content for every kernel. What the plain form would lose is
 * marked and kept: `<user exact>` (no trimming or dedenting, a line's leading backslash is dropped), `<user json>`
 * (a JSON text, list of parts, or message), and for plain-text bodies `body: exact` or `body: json` in the front matter.
 */

export type PromptFileKind = 'prompt' | 'agent';
export type ParsedPromptFile<K extends PromptFileKind> =
  | { ok: true; kernel: Kernels[K]; /** Front-matter keys that mean nothing here. */ ignored: string[] }
  | { ok: false; error: { line: number; column: number; message: string } };

type BodyMode = 'text' | 'messages' | 'exact' | 'json';
const bodyModes: readonly BodyMode[] = ['text', 'messages', 'exact', 'json'];

/** A kernel from text. Lines and columns of an error count from 1. Line ends may be CRLF. */
export function parsePromptFile<K extends PromptFileKind>(kind: K, text: string): ParsedPromptFile<K> {
  const source = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  try {
    return { ok: true, ...read(kind, source) };
  } catch (error) {
    // Too deep a JSON value has its place in its message.
    if (error instanceof AppError) return { ok: false, error: { line: 1, column: 1, message: error.message } };
    if (!(error instanceof PromptFileError)) throw error;
    return { ok: false, error: { ...positionOf(source, error.offset), message: error.message } };
  }
}

/** The text of a kernel, ending with a line end. States what the kernel states: a default that was given stays. */
export function printPromptFile<K extends PromptFileKind>(kind: K, kernel: Kernels[K]): string {
  const { mode, text } = printBody(kernel.template);
  const usual = usualMode(kernel.endpoint);
  return `---\n${printFrontMatter(kind, kernel, text === '' || mode === usual ? null : mode)}---\n${text}`;
}

function read<K extends PromptFileKind>(kind: K, source: string): { kernel: Kernels[K]; ignored: string[] } {
  const { yaml, yamlOffset, bodyOffset } = splitFrontMatter(source);
  const front = parseFrontMatter(kind, yaml, yamlOffset);
  const template = readBody(source.slice(bodyOffset), bodyOffset, bodyMode(front));
  const kernel: AnyObject = {};
  for (const [field, value] of Object.entries(front.fields)) setOwn(kernel, field, value);
  if (template !== null) kernel['template'] = template;
  const checked = kernelSchemas[kind].safeParse(kernel);
  if (!checked.success) {
    const { path, message } = innermost(checked.error.issues);
    throw new PromptFileError(`\`${path.join('.')}\`: ${message}`, offsetOf(front.offsets, path[0], bodyOffset));
  }
  // The kernel as it was read: what the schema gives back has lost `__proto__` keys of attributes.
  return { kernel: canonicalJson(kernel).value as Kernels[K], ignored: front.ignored };
}

function offsetOf(offsets: ReadonlyMap<string, number>, field: PropertyKey | undefined, bodyOffset: number): number {
  if (field === 'template') return bodyOffset;
  return (typeof field === 'string' ? offsets.get(field) : undefined) ?? 0;
}

interface Issue {
  path: readonly PropertyKey[];
  message: string;
  /** One list for each branch of a union that did not fit. */
  errors?: readonly (readonly Issue[])[];
}

/** The first issue; of a union's branches, the one that got furthest. */
function innermost(issues: readonly Issue[], prefix: PropertyKey[] = []): { path: PropertyKey[]; message: string } {
  const [issue] = issues;
  const path = [...prefix, ...(issue?.path ?? [])];
  const branches = (issue?.errors ?? []).map((branch) => innermost(branch, path));
  return branches.reduce((best, branch) => (branch.path.length > best.path.length ? branch : best), {
    path,
    message: issue?.message ?? 'not valid',
  });
}

function bodyMode(front: ReturnType<typeof parseFrontMatter>): BodyMode {
  if (front.body === undefined) return usualMode(front.fields['endpoint']);
  const mode = bodyModes.find((name) => name === front.body);
  if (mode !== undefined) return mode;
  throw new PromptFileError(`\`body\` is one of ${bodyModes.join(', ')}.`, front.offsets.get('body') ?? 0);
}

function usualMode(endpoint: unknown): BodyMode {
  return endpoint === 'complete' || endpoint === 'edit' ? 'text' : 'messages';
}

function readBody(body: string, offset: number, mode: BodyMode): Template | null {
  if (strip(body) === '' && mode !== 'exact') return null;
  if (mode === 'text') return strip(body);
  if (mode === 'exact') return body.endsWith('\n') ? body.slice(0, -1) : body;
  if (mode === 'messages') return parseMessages(body, offset);
  try {
    return JSON.parse(body) as Template;
  } catch (error) {
    throw new PromptFileError(`The body is not JSON: ${error instanceof Error ? error.message : ''}`, offset);
  }
}

function printBody(template: Template | null | undefined): { mode: BodyMode; text: string } {
  if (template === null || template === undefined || template.length === 0) return { mode: 'text', text: '' };
  if (typeof template !== 'string') return { mode: 'messages', text: printMessages(template satisfies ChatMessage[]) };
  if (template.includes('\r')) return { mode: 'json', text: `${JSON.stringify(template)}\n` };
  return { mode: strip(template) === template ? 'text' : 'exact', text: `${template}\n` };
}
