import type { ChatMessage, Datapoint, DatapointResponse } from '@whetstone/contract';
import { textOf } from '../log/content.ts';

/** What a cell of a dataset's table holds, and a datapoint with a cell changed. */

export type Part = 'inputs' | 'messages' | 'target' | 'split' | 'tags' | 'metadata';
export interface CellColumn {
  part: Part;
  /** Of the input, or the key of the target; empty for the other parts. */
  name: string;
}
/** As an edit holds it: absent parts are empty. */
export interface Case {
  inputs: Record<string, string>;
  messages: ChatMessage[];
  target: Record<string, unknown>;
  split: string;
  tags: string[];
  metadata: Record<string, unknown>;
}

export const emptyCase: Case = { inputs: {}, messages: [], target: {}, split: '', tags: [], metadata: {} };

export function caseOf(datapoint: DatapointResponse): Case {
  const { inputs, messages, target, split, tags, metadata } = datapoint;
  return {
    inputs: inputs ?? {},
    messages: messages ?? [],
    target: target ?? {},
    split: split ?? '',
    tags,
    metadata: metadata ?? {},
  };
}

/** As the API takes it. */
export function datapointOf({ inputs, messages, target, split, tags, metadata }: Case): Datapoint {
  return {
    ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
    ...(messages.length > 0 ? { messages } : {}),
    ...(Object.keys(target).length > 0 ? { target: target as Datapoint['target'] } : {}),
    ...(split === '' ? {} : { split }),
    ...(tags.length > 0 ? { tags } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}

/** What is typed into a cell to get its value. */
export function cellText(one: Case, { part, name }: CellColumn): string {
  if (part === 'inputs') return ownOf(one.inputs, name) ?? '';
  if (part === 'target') return valueToText(ownOf(one.target, name));
  if (part === 'split') return one.split;
  if (part === 'tags') return one.tags.join(', ');
  if (part === 'metadata') return Object.keys(one.metadata).length === 0 ? '' : JSON.stringify(one.metadata);
  return one.messages.length === 0 ? '' : JSON.stringify(one.messages);
}

/** What is read in a cell. */
export function cellShown(one: Case, column: CellColumn): string {
  if (column.part !== 'messages') return cellText(one, column);
  return one.messages.map((message) => `${message.role}: ${textOf(message) || (message.content ? '(image)' : '')}`).join('\n');
}

/** The case with the cell changed; a text says why it cannot be that. */
export function withCell(one: Case, column: CellColumn, text: string): Case | string {
  const { part, name } = column;
  if (part === 'inputs') return { ...one, inputs: withKey(one.inputs, name, text === '' ? undefined : text) };
  if (part === 'target') return { ...one, target: withKey(one.target, name, targetFrom(text, ownOf(one.target, name))) };
  if (part === 'split') return text.length > 100 ? 'A split has 100 characters at most.' : { ...one, split: text.trim() };
  if (part === 'tags') {
    const tags = [...new Set(text.split(/[,\n]/).flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()])))];
    return tags.some((tag) => tag.length > 100) ? 'A tag has 100 characters at most.' : { ...one, tags };
  }
  if (part === 'metadata') {
    const object = text.trim() === '' ? {} : jsonOf(text);
    return isObject(object) ? { ...one, metadata: object } : 'Metadata is a JSON object, such as {"source": "mail"}.';
  }
  const list = text.trim() === '' ? [] : jsonOf(text);
  if (Array.isArray(list) && list.every(isMessage)) return { ...one, messages: list as ChatMessage[] };
  // Pasted from a spreadsheet: what a user says.
  return { ...one, messages: [{ role: 'user', content: text }] };
}

/** A column's rename or removal in one case. */
export function withColumn(one: Case, { part, name }: CellColumn, to: string | null): Case {
  if (part !== 'inputs' && part !== 'target') return one;
  const values = one[part];
  if (!Object.hasOwn(values, name)) return one;
  const entries = Object.entries(values).flatMap(([key, value]) => (key !== name ? [[key, value]] : to === null ? [] : [[to, value]]));
  return { ...one, [part]: Object.fromEntries(entries) as never };
}

export function isEmptyCase(one: Case): boolean {
  return Object.keys(datapointOf(one)).length === 0;
}

export function columnKey({ part, name }: CellColumn): string {
  return `${part}\n${name}`;
}

/** Columns that the cases have, in the order in which they occur: inputs, messages, target, split, tags. */
export function columnsOf(cases: readonly Case[], more: readonly CellColumn[] = []): CellColumn[] {
  const names = (part: 'inputs' | 'target'): CellColumn[] => {
    const found = [...cases.flatMap((one) => Object.keys(one[part])), ...more.flatMap((one) => (one.part === part ? [one.name] : []))];
    return [...new Set(found)].map((name) => ({ part, name }));
  };
  const has = (part: Part, filled: (one: Case) => boolean): CellColumn[] =>
    cases.some(filled) || more.some((one) => one.part === part) ? [{ part, name: '' }] : [];
  return [
    ...names('inputs'),
    ...has('messages', ({ messages }) => messages.length > 0),
    ...names('target'),
    { part: 'split', name: '' },
    { part: 'tags', name: '' },
    ...has('metadata', ({ metadata }) => Object.keys(metadata).length > 0),
  ];
}

/** What was no text stays no text while it can be read as such. */
function targetFrom(text: string, before: unknown): unknown {
  if (text === '') return undefined;
  if (before === undefined || typeof before === 'string') return text;
  const value = jsonOf(text);
  return value === undefined || value === null ? text : value;
}

function valueToText(value: unknown): string {
  return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}

function withKey<T>(values: Record<string, T>, name: string, value: T | undefined): Record<string, T> {
  if (value !== undefined && Object.hasOwn(values, name))
    return Object.fromEntries(Object.entries(values).map(([key, old]) => [key, key === name ? value : old]));
  const rest = Object.entries(values).filter(([key]) => key !== name);
  return Object.fromEntries(value === undefined ? rest : [...rest, [name, value]]);
}

function ownOf<T>(values: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const roles = ['user', 'assistant', 'system', 'tool', 'developer'];
function isMessage(value: unknown): boolean {
  return isObject(value) && typeof value['role'] === 'string' && roles.includes(value['role']);
}
