import { existsSync, readFileSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { promptKernel, type PromptKernel } from '@whetstone/contract';
import { parsePromptFile } from '@whetstone/domain';
import type { TaskGiven } from '../definition.ts';
import { CannotMeasure, type Price, type Task } from '../plan.ts';
import { referenceOf } from './data.ts';

interface At {
  directory: string;
}

export function taskOf(given: TaskGiven | undefined, at: At): { task: Task; files: string[] } {
  if (given === undefined) return { task: { kind: 'recorded' }, files: [] };
  if (typeof given === 'function') return { task: { kind: 'function', run: given }, files: [] };
  if (typeof given === 'string') {
    if (given.startsWith('prompt:')) return { task: { kind: 'prompt', ...referenceOf(given.slice(7)) }, files: [] };
    return ofFile(given, at);
  }
  if (typeof given !== 'object' || given === null) throw new CannotMeasure('`task` is a function, `prompt:PATH`, a model or a command');
  if ('command' in given) return { task: { kind: 'command', command: given.command as string, directory: at.directory }, files: [] };
  return { task: ofModel(given), files: [] };
}

function ofFile(named: string, { directory }: At): { task: Task; files: string[] } {
  if (!named.endsWith('.prompt')) throw new CannotMeasure(`\`task: ${named}\` is neither \`prompt:PATH\` nor a file .prompt`);
  const file = resolve(directory, named);
  if (!existsSync(file)) throw new CannotMeasure(`There is no file ${named}.`);
  return { task: { kind: 'kernel', kernel: readPrompt(file), path: workspacePath(file), price: null }, files: [file] };
}

export function readPrompt(file: string): PromptKernel {
  const parsed = parsePromptFile('prompt', readFileSync(file, 'utf8'));
  if (parsed.ok) return parsed.kernel;
  const { line, column, message } = parsed.error;
  throw new CannotMeasure(`${file}:${line}:${column} ${message}`);
}

/** The path that a file of the pulled directory has in the workspace; null: it lies elsewhere. */
export function workspacePath(file: string): string | null {
  const root = resolve(process.env['WHETSTONE_DIR'] ?? 'whetstone');
  const path = relative(root, file);
  return path.startsWith('..') || path === file
    ? null
    : path
        .split(sep)
        .join('/')
        .replace(/\.prompt$/, '');
}

function ofModel({ messages, price, ...given }: Record<string, unknown>): Task {
  const parsed = promptKernel.safeParse({ ...given, ...(messages === undefined ? {} : { template: messages }) });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CannotMeasure(`\`task.${issue?.path.join('.')}\`: ${issue?.message}`);
  }
  return { kind: 'kernel', kernel: parsed.data, path: null, price: priceOf(price) };
}

function priceOf(given: unknown): Price | null {
  if (given === undefined || given === null) return null;
  const { input, output } = given as Record<string, unknown>;
  if (typeof input !== 'number' || typeof output !== 'number')
    throw new CannotMeasure('`task.price` is `{ input, output }` in US dollars a million tokens');
  return { input, output };
}
