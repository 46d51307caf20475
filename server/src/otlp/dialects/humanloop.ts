import type { AnyObject, ToolKernel } from '@whetstone/contract';
import { toolKernel } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';
import { nested, textOf, type Reader } from '../attributes.ts';
import type { Dialect, Reading } from './dialect.ts';
import { inputsOf } from './gen-ai.ts';
import { messageOf, textOrNull } from './messages.ts';

const typeKey = 'humanloop.file.type';
const pathKey = 'humanloop.file.path';

/**
 * The spans of the Humanloop SDKs' decorators. A flow's span finishes the log that the SDK made beforehand; a tool's span
 * is the log; a prompt's span is that of the model client's instrumentation, in its dialect, with the file named beside.
 * Their span ids say nothing about the tree: parents are named by log id.
 */
export function humanloopDialect(others: () => readonly Dialect[]): Dialect {
  return {
    name: 'humanloop',
    recognises: (span) => span.has(typeKey) || span.has(pathKey),
    read(span) {
      const type = span.text(typeKey) ?? 'prompt';
      const path = span.text(pathKey);
      const file = nested(span.below('humanloop.file.'));
      const said = nested(span.below('humanloop.log.'));
      const reading = type === 'prompt' ? readPrompt(span, file, others()) : readOwn(type, file, said);
      return { ...reading, path, ...linked(span, reading, said) };
    },
  };
}

function readPrompt(span: Reader, file: AnyObject, others: readonly Dialect[]): Reading {
  const dialect = others.find((each) => each.recognises(span)) as Dialect;
  const reading = dialect.read(span);
  const template = getOwn(file, 'template');
  if (template === undefined || template === '') return { ...reading, kind: 'prompt', prompt: reading.prompt ?? {} };
  return { ...reading, kind: 'prompt', prompt: { ...reading.prompt, template } };
}

function readOwn(type: string, file: AnyObject, said: AnyObject): Reading {
  const message = messageOf(getOwn(said, 'output_message'), 'assistant')[0] ?? null;
  const output = getOwn(said, 'output');
  const log: Reading['log'] = {
    inputs: inputsOf(getOwn(said, 'inputs')),
    output: typeof output === 'string' ? output : message === null ? null : textOf(message.content as string | null),
    outputMessage: message,
    error: textOrNull(getOwn(said, 'error')),
  };
  if (type === 'tool') return { kind: 'tool', tool: toolOf(file), log };
  return { kind: 'flow', flow: inputsOf(getOwn(getOwn(file, 'flow') ?? file, 'attributes')) ?? {}, log };
}

/** Texts were made of everything, so what does not fit a tool's form any more goes in as attributes. */
function toolOf(file: AnyObject): ToolKernel {
  const { path: _path, type: _type, ...kernel } = restored(file) as AnyObject;
  const parsed = toolKernel.safeParse(kernel);
  return parsed.success ? parsed.data : { attributes: kernel };
}

/** The decorators' JSON schemas: `strict` and the like were flags before they became text. */
function restored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restored);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.create(null) as AnyObject;
  for (const [key, each] of Object.entries(value)) {
    if ((key === 'strict' || key === 'additionalProperties') && typeof each === 'string') copy[key] = each.toLowerCase() === 'true';
    else if (key === 'required' && typeof each === 'string') copy[key] = each.split(',');
    else copy[key] = restored(each);
  }
  return copy;
}

function linked(span: Reader, reading: Reading, said: AnyObject): Pick<Reading, 'alone' | 'logId' | 'parentLogId' | 'logStatus' | 'log'> {
  const text = (name: string): string | null => textOrNull(getOwn(said, name));
  const status = text('log_status');
  return {
    alone: span.span.scope.name.startsWith('humanloop.sdk') || span.span.name.startsWith('humanloop.'),
    logId: text('id'),
    parentLogId: text('trace_parent_id'),
    logStatus: status === 'complete' || status === 'incomplete' ? status : null,
    log: {
      ...reading.log,
      inputs: reading.log.inputs ?? inputsOf(getOwn(said, 'inputs')),
      runId: text('run_id'),
      datapointId: text('source_datapoint_id'),
      user: text('user'),
      session: text('session') ?? text('session_id'),
      source: text('source'),
    },
  };
}
