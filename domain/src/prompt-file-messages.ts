import type { AnyObject, ChatMessage } from '@whetstone/contract';
import { PromptFileError, dedent, skipBlanks, strip } from './prompt-file-text.ts';

/** Reads the body of a prompt file that has messages: `<system>…</system>` and its like. */

export const messageTags = ['system', 'user', 'assistant', 'tool', 'developer'] as const;
const partTags = ['text', 'image'] as const;
const callTags = ['tool'] as const;

interface Element {
  name: string;
  attributes: Map<string, string>;
  flags: Set<string>;
  /** Text between the tags; null for a tag closed in itself. */
  raw: string | null;
  start: number;
  end: number;
}

/** More positions than this are not tried for the start of an assistant's tool calls. */
const maxCallStarts = 64;

/** Messages of a body; `offset` is where the body stands in the file. Throws a PromptFileError with the place. */
export function parseMessages(body: string, offset: number): ChatMessage[] {
  const messages: ChatMessage[] = [];
  let at = skipBlanks(body, 0);
  while (at < body.length) {
    const element = readElement(body, at, messageTags);
    if (element === null) throw new PromptFileError(problemAt(body, at), offset + at);
    if ('problem' in element) throw new PromptFileError(element.problem, offset + element.at);
    messages.push(messageOf(element, offset));
    at = skipBlanks(body, element.end);
  }
  return messages;
}

function problemAt(body: string, at: number): string {
  const tags = messageTags.map((tag) => `<${tag}>`).join(', ');
  const found = /^<\/?([A-Za-z_][\w-]*)/.exec(body.slice(at, at + 100));
  if (found !== null) return `\`${found[0]}\` is no message, or its tag is not well formed. A message is one of ${tags}.`;
  return `Text outside a message. Put it into one of ${tags}, or say \`endpoint: complete\` above for a plain text.`;
}

function messageOf(element: Element, offset: number): ChatMessage {
  const message: AnyObject = { role: element.name };
  for (const [name, value] of element.attributes) {
    if (name === 'name') message['name'] = value;
    else if (name === 'id' && element.name === 'tool') message['tool_call_id'] = value;
    else throw new PromptFileError(`\`<${element.name}>\` has no attribute \`${name}\`.`, offset + element.start);
  }
  const { raw } = element;
  if (raw === null) return message as ChatMessage;
  if (element.flags.has('exact')) message['content'] = exactText(raw);
  else if (element.flags.has('json')) Object.assign(message, fromJson(element, raw, offset));
  else Object.assign(message, contentOf(element.name, raw));
  return message as ChatMessage;
}

/** A JSON text or list of parts is the content, an object the whole message but for its role. */
function fromJson(element: Element, raw: string, offset: number): AnyObject {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as AnyObject) : { content: value };
  } catch (error) {
    throw new PromptFileError(
      `\`<${element.name} json>\` holds no JSON: ${error instanceof Error ? error.message : ''}`,
      offset + element.start,
    );
  }
}

function contentOf(role: string, raw: string): AnyObject {
  const calls = role === 'assistant' ? trailingCalls(raw) : null;
  const head = calls === null ? raw : raw.slice(0, calls.start);
  const fields: AnyObject = {};
  if (calls === null || strip(head) !== '') fields['content'] = partsOf(head) ?? dedent(head);
  if (calls !== null) fields['tool_calls'] = calls.elements.map(callOf);
  return fields;
}

/** The tool calls at the end of an assistant's text, if it ends in such. */
function trailingCalls(raw: string): { start: number; elements: Element[] } | null {
  const starts = /(?:^|\n)[ \t]*(?=<tool[\s>/])/g;
  for (let tries = 0, found = starts.exec(raw); found !== null && tries < maxCallStarts; tries++, found = starts.exec(raw)) {
    const elements = sequence(raw.slice(found.index), callTags);
    if (elements !== null && elements.every((element) => element.attributes.has('name') && element.attributes.has('id'))) {
      return { start: found.index, elements };
    }
    starts.lastIndex = found.index + found[0].length + 1;
  }
  return null;
}

function callOf(element: Element): AnyObject {
  const fn: AnyObject = { name: element.attributes.get('name') };
  if (element.raw !== null) fn['arguments'] = textOf(element, element.raw);
  return { id: element.attributes.get('id'), type: 'function', function: fn };
}

/** Content parts, when the text is nothing but `<text>` and `<image />` elements. */
function partsOf(raw: string): AnyObject[] | null {
  const elements = /^\s*<(?:text|image)[\s>/]/.test(raw) ? sequence(raw, partTags) : null;
  if (elements === null) return null;
  const parts: AnyObject[] = [];
  for (const element of elements) {
    const url = element.attributes.get('url');
    const detail = element.attributes.get('detail');
    if (element.name === 'text' && element.raw !== null && element.attributes.size === 0)
      parts.push({ type: 'text', text: textOf(element, element.raw) });
    else if (element.name === 'image' && url !== undefined && strip(element.raw ?? '') === '') {
      parts.push({ type: 'image_url', image_url: detail === undefined ? { url } : { url, detail } });
    } else return null;
  }
  return parts;
}

function textOf(element: Element, raw: string): string {
  return element.flags.has('exact') ? exactText(raw) : dedent(raw);
}

/** All of a text as elements of these names; null when there is anything else. */
function sequence(text: string, tags: readonly string[]): Element[] | null {
  const elements: Element[] = [];
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    const element = readElement(text, at, tags);
    if (element === null || 'problem' in element) return null;
    elements.push(element);
    at = skipBlanks(text, element.end);
  }
  return elements.length === 0 ? null : elements;
}

const openTag = /<([a-z]+)((?:\s+[A-Za-z_][\w-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'))?)*)\s*(\/?)>/y;

function readElement(text: string, start: number, siblings: readonly string[]): Element | { problem: string; at: number } | null {
  const open = openTagAt(text, start);
  if (open === null || !siblings.includes(open.name)) return null;
  const { end: contentStart, name, flags } = open;
  if (open.closed) return { ...open, raw: null, start, end: contentStart };
  if (flags.has('exact') && !/[ \t]*\n/y.test(text.slice(contentStart, contentStart + 200))) {
    return { problem: `Text of \`<${name} exact>\` starts on the next line.`, at: contentStart };
  }
  const close = flags.has('exact')
    ? exactClose(text, contentStart, name)
    : plainClose(text, contentStart, name, flags.has('json') ? null : siblings);
  if (close.at >= 0) return { ...open, raw: text.slice(contentStart, close.at), start, end: close.end };
  if (close.first >= 0) {
    const after = skipBlanks(text, close.first);
    return { problem: problemAt(text, after), at: after };
  }
  return { problem: `\`<${name}>\` is not closed by \`</${name}>\`.`, at: start };
}

function openTagAt(
  text: string,
  start: number,
): { name: string; attributes: Map<string, string>; flags: Set<string>; closed: boolean; end: number } | null {
  openTag.lastIndex = start;
  const found = openTag.exec(text);
  if (found === null) return null;
  const attributes = new Map<string, string>();
  const flags = new Set<string>();
  for (const [, name = '', double, single] of (found[2] ?? '').matchAll(/([A-Za-z_][\w-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'))?/g)) {
    const value = double ?? single;
    if (value === undefined) flags.add(name);
    else attributes.set(name, unescapeAttribute(value));
  }
  return { name: found[1] ?? '', attributes, flags, closed: found[3] === '/', end: openTag.lastIndex };
}

/**
 * The closing tag of plain text: the first one that is followed by the end or by a sibling, so that text may speak of
 * tags. `first` is where text after a closing tag begins, for the error.
 */
function plainClose(
  text: string,
  from: number,
  name: string,
  siblings: readonly string[] | null,
): { at: number; end: number; first: number } {
  const close = `</${name}>`;
  let first = -1;
  for (let at = text.indexOf(close, from); at >= 0; at = text.indexOf(close, at + 1)) {
    const end = at + close.length;
    if (siblings === null) return { at, end, first };
    if (first < 0) first = end;
    const next = skipBlanks(text, end);
    if (
      next === text.length ||
      siblings.some((tag) => text.startsWith(`<${tag}`, next) && /[\s>/]/.test(text.charAt(next + tag.length + 1)))
    )
      return { at, end, first };
  }
  return { at: -1, end: -1, first };
}

/** The closing tag of exact text stands alone on its line. */
function exactClose(text: string, from: number, name: string): { at: number; end: number; first: number } {
  const close = new RegExp(`\\n[ \\t]*</${name}>[ \\t]*(?=\\n|$)`, 'g');
  close.lastIndex = from;
  const found = close.exec(text);
  return found === null ? { at: -1, end: -1, first: -1 } : { at: found.index, end: found.index + found[0].length, first: -1 };
}

/** Every line from the one after the tag; a backslash at the start of a line is dropped. */
function exactText(raw: string): string {
  const lines = raw.split('\n').slice(1);
  return lines.map((line) => (line.startsWith('\\') ? line.slice(1) : line)).join('\n');
}

function unescapeAttribute(value: string): string {
  return value.replace(/&(?:quot|amp|#(\d{1,5}));/g, (found, code: string | undefined) => {
    if (code !== undefined) return String.fromCharCode(Number(code));
    return found === '&quot;' ? '"' : '&';
  });
}
