import type { AnyObject, ChatMessage } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';
import { jsonOf, nested, textOf, type Reader } from '../attributes.ts';
import type { SpanEvent } from '../wire/span.ts';
import type { Dialect, Reading } from './dialect.ts';
import { documentsIn, retrieval } from './documents.ts';
import { genAi } from './gen-ai-names.ts';
import { answerOf, finishReasonOf, messageOf, messagesOf, plainText } from './messages.ts';
import { requestOf, usageOf, withTools } from './parameters.ts';

/** OpenTelemetry's GenAI conventions: messages in attributes (present) or in events (until 1.36), and the events of both. */
export const genAiDialect: Dialect = {
  name: 'gen_ai',
  recognises: (span) => [genAi.operation, genAi.model, genAi.provider, genAi.system, genAi.toolName].some((name) => span.has(name)),
  read(span) {
    liftDetails(span);
    const operation = span.text(genAi.operation) ?? (span.has(genAi.toolName) && !span.has(genAi.model) ? 'execute_tool' : 'chat');
    const read = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    return (read ?? readAround)(span, operation);
  },
};

type Read = (span: Reader, operation: string) => Reading;

const operations: Record<string, Read> = {
  chat: readCall,
  text_completion: readCall,
  generate_content: readCall,
  embeddings: readEmbeddings,
  execute_tool: readTool,
  retrieval: readRetrieval,
  retrieve: readRetrieval,
  rerank: readRetrieval,
};

function readCall(span: Reader, operation: string): Reading {
  const asked = requestOf(span);
  const kernel = withTools({ ...asked, endpoint: operation === 'text_completion' ? 'complete' : 'chat' }, span.json(genAi.tools));
  const fromEvents = readEvents(span.span.events);
  const before = [...instructions(span), ...messagesOf(span.json(genAi.input)), ...fromEvents.messages];
  const written = span.json(genAi.output);
  const answers = [...messagesOf(written, 'assistant'), ...fromEvents.answers];
  const usage = usageOf(span);
  return {
    kind: 'prompt',
    prompt: kernel,
    log: {
      ...usage,
      ...answerOf(answers),
      messages: before.length === 0 ? null : before,
      finishReason: usage.finishReason ?? finishReasonOf(fromEvents.finishReason ?? reasonIn(written)),
      firstTokenMs: seconds(span.number(genAi.firstChunk, genAi.clientFirstChunk, genAi.firstToken)),
    },
  };
}

function instructions(span: Reader): ChatMessage[] {
  const given = span.json(genAi.instructions);
  if (given === undefined) return [];
  return messageOf({ role: 'system', parts: given }, 'system');
}

function reasonIn(output: unknown): string | null {
  const reason = Array.isArray(output) ? getOwn(output[0], 'finish_reason') : undefined;
  return typeof reason === 'string' ? reason : null;
}

function readEmbeddings(span: Reader): Reading {
  const kernel = requestOf(span);
  const input = span.json(genAi.input, 'gen_ai.embeddings.input');
  return { kind: 'prompt', prompt: kernel, log: { ...usageOf(span), inputs: input === undefined ? null : { input } } };
}

function readTool(span: Reader): Reading {
  const name = span.text(genAi.toolName) ?? span.span.name;
  const description = span.text(genAi.toolDescription);
  const given = span.json(genAi.toolArguments);
  const result = span.take(genAi.toolResult);
  return {
    kind: 'tool',
    tool: { function: { name, ...(description === null ? {} : { description }) } },
    log: { inputs: inputsOf(given), output: result === undefined ? null : textOf(result) },
  };
}

export function inputsOf(given: unknown): AnyObject | null {
  if (given === undefined || given === null) return null;
  return typeof given === 'object' && !Array.isArray(given) ? (given as AnyObject) : { input: given };
}

function readRetrieval(span: Reader): Reading {
  const found = retrieval(span.text(genAi.query), documentsIn(span.json(genAi.documents)));
  return { kind: 'tool', tool: { function: { name: span.span.name } }, log: found };
}

/** An agent, a workflow, a step: what is around the calls. */
function readAround(span: Reader, operation: string): Reading {
  const before = [...instructions(span), ...messagesOf(span.json(genAi.input))];
  const answers = messagesOf(span.json(genAi.output), 'assistant').filter(({ role }) => role === 'assistant');
  const agent = span.text(genAi.agent, genAi.workflow);
  return {
    kind: 'flow',
    flow: { operation, ...(agent === null ? {} : { name: agent }) },
    log: { ...answerOf(answers), messages: before.length === 0 ? null : before },
  };
}

function seconds(value: number | null): number | null {
  return value === null ? null : value * 1000;
}

const detailEvents = new Set(['gen_ai.client.inference.operation.details']);

/** The event that carries messages which a sender does not put on the span. */
function liftDetails({ span }: Reader): void {
  for (const event of span.events) {
    if (!detailEvents.has(event.name)) continue;
    for (const [key, value] of event.attributes) if (!span.attributes.has(key)) span.attributes.set(key, value);
  }
  if (span.events.some(({ name }) => detailEvents.has(name))) span.events = span.events.filter(({ name }) => !detailEvents.has(name));
}

interface FromEvents {
  messages: ChatMessage[];
  answers: ChatMessage[];
  finishReason: string | null;
}

const messageEvents: Record<string, ChatMessage['role']> = {
  'gen_ai.system.message': 'system',
  'gen_ai.user.message': 'user',
  'gen_ai.assistant.message': 'assistant',
  'gen_ai.tool.message': 'tool',
};

/** One event a message. What is read here is taken off the span, the rest stays with it. */
export function readEvents(events: SpanEvent[]): FromEvents {
  const read: FromEvents = { messages: [], answers: [], finishReason: null };
  const left = events.filter((event) => !readEvent(event, read));
  if (left.length < events.length) events.splice(0, events.length, ...left);
  return read;
}

function readEvent({ name, attributes }: SpanEvent, read: FromEvents): boolean {
  const role = Object.hasOwn(messageEvents, name) ? messageEvents[name] : undefined;
  if (role !== undefined) {
    read.messages.push(...messageOf({ role, ...fieldsOf(attributes) }, role));
    return true;
  }
  if (name === 'gen_ai.choice') {
    const choice = fieldsOf(attributes);
    read.finishReason ??= typeof choice['finish_reason'] === 'string' ? choice['finish_reason'] : null;
    const message = choice['message'] ?? choice;
    read.answers.push(...(typeof message === 'object' ? messageOf(message, 'assistant') : messagesOf(message, 'assistant')));
    return true;
  }
  if (name === 'gen_ai.content.prompt') {
    read.messages.push(...messagesOf(bodyOf(attributes.get('gen_ai.prompt'))));
    return true;
  }
  if (name !== 'gen_ai.content.completion') return false;
  read.answers.push(...messagesOf(bodyOf(attributes.get('gen_ai.completion')), 'assistant'));
  return true;
}

/** Attributes of an event, where those that hold JSON are what it says. */
function fieldsOf(attributes: SpanEvent['attributes']): AnyObject {
  const fields = nested(attributes);
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (key !== 'content' && typeof value === 'string') fields[key] = jsonOf(value) ?? value;
  }
  return fields;
}

function bodyOf(value: SpanEvent['attributes'] extends Map<string, infer V> ? V | undefined : never): unknown {
  return jsonOf(value) ?? plainText(value);
}
