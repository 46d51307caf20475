import type { ChatMessage } from '@whetstone/contract';
import { searchSeparator, type Payload } from './row.ts';

type SaidPayload = Pick<Payload, 'inputs' | 'messages' | 'output' | 'output_message' | 'error'>;

const previewLength = 200;
/** Text beyond this is kept but not searched. */
const searchedLength = 1_000_000;

/** The lower-case text in which a substring search looks: what went in and what came out, without the JSON around it. */
export function searchText(payload: SaidPayload): string {
  let text = '';
  for (const message of payload.messages ?? []) addMessage(message, add);
  // A template's inputs are in its messages already.
  const said = text;
  if (payload.inputs) addStrings(payload.inputs, (part) => (said.includes(part) ? undefined : add(part)));
  const input = text;
  text = '';
  add(payload.output);
  if (payload.output_message) addMessage(payload.output_message, (part) => (part === payload.output ? undefined : add(part)));
  add(payload.error);
  return `${plain(input)}${searchSeparator}${plain(text)}`;

  function add(part: string | null | undefined): void {
    if (!part || text.length >= searchedLength) return;
    text += text === '' ? part : `\n${part}`;
  }
}

/** Lower case, without the separator. */
function plain(text: string): string {
  const bounded = text.length > searchedLength ? text.slice(0, searchedLength).toWellFormed() : text;
  return (bounded.includes(searchSeparator) ? bounded.replaceAll(searchSeparator, ' ') : bounded).toLowerCase();
}

function addMessage(message: ChatMessage, add: (text: string | null | undefined) => void): void {
  add(textOf(message));
  for (const call of message.tool_calls ?? []) {
    add(call.function?.name);
    add(call.function?.arguments);
  }
}

/** The text of a message; parts that are no text are left out. */
export function textOf(message: ChatMessage | null | undefined): string {
  const content = message?.content;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.flatMap((part) => (part?.type === 'text' ? [part.text] : [])).join('\n');
}

function addStrings(value: unknown, add: (text: string) => void): void {
  if (typeof value === 'string') add(value);
  else if (typeof value === 'number') add(String(value));
  else if (typeof value === 'object' && value !== null)
    for (const key of Object.keys(value)) addStrings((value as Record<string, unknown>)[key], add);
}

/** What a list shows of the input: the last thing a person said, else the inputs. */
export function inputPreview(payload: SaidPayload): string {
  const messages = payload.messages ?? [];
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i];
    if (message?.role !== 'user') continue;
    const text = textOf(message);
    if (text !== '') return preview(text);
  }
  if (payload.inputs && Object.keys(payload.inputs).length > 0) return preview(inputsText(payload.inputs));
  return preview(textOf(messages.at(-1)));
}

function inputsText(inputs: Record<string, unknown>): string {
  let text = '';
  for (const key of Object.keys(inputs)) {
    if (text.length > previewLength) break;
    const value = inputs[key];
    text += `${text === '' ? '' : ', '}${key}: ${typeof value === 'string' ? value.slice(0, previewLength) : JSON.stringify(value)?.slice(0, previewLength)}`;
  }
  return text;
}

/** What a list shows of the output: its text, else the tools it called, else the error. */
export function outputPreview(payload: SaidPayload): string {
  const text = payload.output || textOf(payload.output_message);
  if (text) return preview(text);
  const calls = payload.output_message?.tool_calls ?? [];
  if (calls.length > 0) return preview(calls.map((call) => `${call.function?.name}(${call.function?.arguments ?? ''})`).join(' '));
  return preview(payload.error ?? '');
}

function preview(text: string): string {
  const head = text.slice(0, previewLength * 2);
  const line = isOneLine(head) ? head : head.replace(/\s+/g, ' ').trim();
  if (line.length <= previewLength) return line.toWellFormed();
  const cut = line.slice(0, previewLength);
  // Not half of a pair.
  return cut.isWellFormed() ? cut : cut.slice(0, -1).toWellFormed();
}

/** Whether its only white space is single spaces between words. Text beyond ASCII is not looked at and counts as not. */
function isOneLine(text: string): boolean {
  let before = space;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < space || code > 126 || (code === space && before === space)) return false;
    before = code;
  }
  return before !== space;
}
const space = 32;
