import type { AnyObject } from '@whetstone/contract';
import { asList, asObject, asText } from '../wire/read.ts';
import { Dice } from './dice.ts';
import type { DemoModel } from './models.ts';
import { jsonReply } from './json-reply.ts';
import { textReply } from './text-reply.ts';
import { toolReply } from './tool-reply.ts';

export interface Reply {
  content: string | null;
  toolCalls: { name: string; arguments: string }[];
}
/** What the simulated model reads. */
export interface Reading {
  system: string;
  /** The last user's words. */
  question: string;
  /** Everything that was said, for looking things up in. */
  all: string;
  images: number;
  /** Answers of tools since the last user message. */
  toolResults: string[];
  dice: Dice;
  model: DemoModel;
}

/** The simulated answer to a chat request: a pure function of the request, the model and the sample's number. */
export function reply(body: AnyObject, model: DemoModel, sample: number): Reply {
  const messages = asList(body['messages']);
  const reading = read(
    messages,
    model,
    new Dice(`${JSON.stringify([messages, body['seed'] ?? null, body['temperature'] ?? null])}#${model.id}#${sample}`),
  );
  const called = toolReply(reading, asList(body['tools']), body['tool_choice']);
  if (called !== null) return { content: null, toolCalls: called };
  const format = asObject(body['response_format']);
  const wanted = asText(format?.['type']);
  if (wanted === 'json_schema' || wanted === 'json_object') {
    const schema = asObject(asObject(format?.['json_schema'])?.['schema']);
    return { content: JSON.stringify(jsonReply(reading, schema)), toolCalls: [] };
  }
  return { content: textReply(reading), toolCalls: [] };
}

function read(messages: readonly unknown[], model: DemoModel, dice: Dice): Reading {
  const reading: Reading = { system: '', question: '', all: '', images: 0, toolResults: [], dice, model };
  for (const value of messages) {
    const message = asObject(value);
    const role = asText(message?.['role']);
    const text = textOf(message?.['content']);
    reading.all += `${text}\n\n`;
    if (role === 'system' || role === 'developer') reading.system += `${text}\n\n`;
    if (role === 'tool' || role === 'function') reading.toolResults.push(text);
    if (role === 'user') {
      reading.question = text;
      reading.toolResults = [];
      reading.images = asList(message?.['content']).filter((part) => asText(asObject(part)?.['type']) === 'image_url').length;
    }
  }
  if (reading.question === '') reading.question = reading.system;
  return reading;
}

export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return asList(content)
    .map((part) => asText(asObject(part)?.['text']) ?? '')
    .join('\n');
}
