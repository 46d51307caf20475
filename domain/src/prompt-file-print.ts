import type { AnyObject, ChatMessage, ContentPart, ToolCall } from '@whetstone/contract';
import { parseMessages } from './prompt-file-messages.ts';
import { indent, strip } from './prompt-file-text.ts';
import { sameJson } from './text.ts';
import { canonicalMessage } from './version-hash.ts';

/** Writes messages as elements, each in the most readable form that reads back as the same message. */

export function printMessages(messages: readonly ChatMessage[]): string {
  return messages.map((message) => `${printMessage(message)}\n`).join('\n');
}

function printMessage(message: ChatMessage): string {
  for (const form of [plainForm, exactForm]) {
    const text = form(message);
    if (text !== null && readsBackAs(text, message)) return text;
  }
  return jsonForm(message);
}

function readsBackAs(text: string, message: ChatMessage): boolean {
  try {
    // As `parsePromptFile` does, which makes files from either kind of system equal.
    const [read, more] = parseMessages(text.replaceAll('\r\n', '\n'), 0);
    return read !== undefined && more === undefined && sameJson(canonicalMessage(read), canonicalMessage(message));
  } catch {
    return false;
  }
}

function plainForm(message: ChatMessage): string {
  const { content } = message;
  const open = `<${message.role}${attributesOf(message)}`;
  const calls = message.tool_calls ?? [];
  if ((content === null || content === undefined) && calls.length === 0) return `${open} />`;
  const blocks: string[] = [];
  if (typeof content === 'string') {
    if (content !== '') blocks.push(content);
  } else if (content !== null && content !== undefined) blocks.push(content.map(printPart).join('\n'));
  if (calls.length > 0) blocks.push(calls.map(printCall).join('\n'));
  return `${open}>\n${blocks.length === 0 ? '' : `${indent(blocks.join('\n\n'), '  ')}\n`}</${message.role}>`;
}

function exactForm(message: ChatMessage): string | null {
  if (typeof message.content !== 'string') return null;
  const lines = message.content.split('\n').map((line) => (/^(?:\\|[ \t]*<\/)/.test(line) ? `\\${line}` : line));
  return `<${message.role}${attributesOf(message)} exact>\n${lines.join('\n')}\n</${message.role}>`;
}

function jsonForm(message: ChatMessage): string {
  const { role, ...rest } = canonicalMessage(message) as AnyObject & { role: string };
  const only = Object.keys(rest).length === 1 && rest['content'] !== undefined;
  const json = JSON.stringify(only ? rest['content'] : rest, null, 2).replaceAll('</', '\\u003c/');
  return `<${role} json>\n${json}\n</${role}>`;
}

function printPart(part: ContentPart): string {
  if (part.type === 'image_url') {
    const { url, detail } = part.image_url;
    return `<image url=${quote(url)}${detail == null ? '' : ` detail=${quote(detail)}`} />`;
  }
  return part.text.includes('\n') ? `<text>\n${indent(part.text, '  ')}\n</text>` : `<text>${part.text}</text>`;
}

function printCall(call: ToolCall): string {
  const open = `<tool name=${quote(call.function.name)} id=${quote(call.id)}`;
  const given = call.function.arguments;
  if (given === null || given === undefined) return `${open} />`;
  return strip(given) === '' ? `${open}></tool>` : `${open}>\n${indent(given, '  ')}\n</tool>`;
}

function attributesOf(message: ChatMessage): string {
  const name = message.name == null ? '' : ` name=${quote(message.name)}`;
  return message.role === 'tool' && message.tool_call_id != null ? `${name} id=${quote(message.tool_call_id)}` : name;
}

/** An ampersand is escaped only where it would be read as the start of an escape, so that URLs stay as they are. */
function quote(value: string): string {
  const escaped = value
    .replace(/&(?=(?:quot|amp|#\d{1,5});)/g, '&amp;')
    .replaceAll('"', '&quot;')
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001F]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `"${escaped}"`;
}
