import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { chatMessages, type Datapoint } from '@whetstone/contract';
import { canonicalJson, getOwn, setOwn, stableJson } from '@whetstone/domain';
import type { CaseGiven, EvaluationGiven } from '../definition.ts';
import { type Case, CannotMeasure, type Reference } from '../plan.ts';
import { csvRows } from './csv.ts';

/** Where cases come from; nothing is read before they are asked for. */
export function casesOf(data: EvaluationGiven['data'], directory: string): { cases: () => Promise<Case[]>; files: string[] } {
  if (typeof data === 'function') return { cases: async () => toCases(await data()), files: [] };
  if (Array.isArray(data)) return { cases: async () => toCases(data), files: [] };
  if (typeof data !== 'string') throw new CannotMeasure('`data` is a list of cases, a function, a file, or `dataset:PATH@ENVIRONMENT`');
  if (data.startsWith('dataset:')) return { cases: async () => [], files: [] };
  const file = resolve(directory, data);
  return { cases: async () => toCases(readCases(file, data)), files: [file] };
}

/** `PATH`, `PATH@ENVIRONMENT`, `PATH@VERSION`. */
export function referenceOf(text: string): Reference {
  const at = text.lastIndexOf('@');
  return at < 0 ? { path: text, at: null } : { path: text.slice(0, at), at: text.slice(at + 1) };
}

function readCases(file: string, named: string): CaseGiven[] {
  if (!existsSync(file)) throw new CannotMeasure(`There is no file ${named}.`);
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  if (/\.csv$/i.test(file)) return csvCases(text, named);
  if (/\.jsonl$|\.ndjson$/i.test(file))
    return text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [parsed(line, `${named}, line ${index + 1}`)]));
  if (!/\.json$/i.test(file)) throw new CannotMeasure(`${named}: data is a file .csv, .jsonl or .json.`);
  const value = parsed(text, named) as unknown;
  if (!Array.isArray(value)) throw new CannotMeasure(`${named} is no list of cases.`);
  return value as CaseGiven[];
}

function parsed(text: string, where: string): CaseGiven {
  try {
    return JSON.parse(text) as CaseGiven;
  } catch (error) {
    throw new CannotMeasure(`${where} is not valid JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

/** Columns as the server reads them: `messages`, `target`, `target.KEY`, `inputs.NAME`; `output`, `group`; any other is an input. */
function csvCases(text: string, named: string): CaseGiven[] {
  const [header = [], ...rows] = csvRows(text);
  return rows.map((row, index) => {
    if (row.length !== header.length)
      throw new CannotMeasure(`${named}, row ${index + 2}: it has ${row.length} cells, the first row ${header.length}.`);
    const given: CaseGiven & { inputs: Record<string, unknown> } = { inputs: {} };
    for (const [place, name] of header.entries()) {
      const cell = row[place] ?? '';
      const [, part, key] = /^(inputs?|target)\.(.+)$/s.exec(name.trim()) ?? [];
      if (part === 'target' && key !== undefined) {
        if (cell.trim() !== '') given.target = { ...(given.target as object | undefined), [key]: cell };
      } else if (name.trim() === 'messages') {
        if (cell.trim() !== '') given.messages = parsed(cell, `${named}, row ${index + 2}, messages`) as never;
      } else if (name.trim() === 'target') {
        if (cell.trim() !== '') given.target = jsonObject(cell) ?? cell;
      } else if (name.trim() === 'output' || name.trim() === 'group') given[name.trim() as 'output'] = cell;
      else setOwn(given.inputs, key ?? name.trim(), cell);
    }
    return given;
  });
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

export function toCases(given: readonly CaseGiven[]): Case[] {
  const seen = new Map<string, number>();
  return [...given].map((one, index) => {
    const datapoint = datapointOf(one, index + 1);
    const content = keyOf(datapoint);
    const before = seen.get(content) ?? 0;
    seen.set(content, before + 1);
    // The same case twice is two cases; the second is found again as the second.
    return { key: before === 0 ? content : `${content}.${before}`, given: one, datapoint, group: one.group ?? null };
  });
}

/** By its content: the same case has the same key on every machine. */
export function keyOf(datapoint: Case['datapoint']): string {
  return createHash('sha256').update(stableJson(datapoint)).digest('base64url').slice(0, 16);
}

function datapointOf(given: CaseGiven, number: number): Case['datapoint'] {
  if (typeof given !== 'object' || given === null) throw new CannotMeasure(`Case ${number} is no object.`);
  const inputs = given.inputs ?? null;
  if (inputs !== null && (typeof inputs !== 'object' || Array.isArray(inputs)))
    throw new CannotMeasure(`Case ${number}: \`inputs\` is no object.`);
  const messages = given.messages == null ? null : chatMessages.safeParse(given.messages);
  if (messages?.success === false) throw new CannotMeasure(`Case ${number}: \`messages\` is no list of chat messages.`);
  return {
    inputs: inputs === null ? null : textsOf(inputs),
    messages: messages === null ? null : messages.data,
    target: targetOf(given.target),
  };
}

function textsOf(inputs: Record<string, unknown>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const key of Object.keys(inputs)) {
    const value = getOwn(inputs, key);
    setOwn(texts, key, typeof value === 'string' ? value : JSON.stringify(value ?? null));
  }
  return texts;
}

function targetOf(target: unknown): Datapoint['target'] | null {
  if (target === undefined || target === null) return null;
  const { value } = canonicalJson(target);
  if (typeof value !== 'object' || Array.isArray(value)) return { output: value as string };
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null));
}
