import { chatMessages, chatRole, type ChatMessage, type Datapoint, type ImportColumn } from '@whetstone/contract';
import { canonicalJson, valueText } from '@whetstone/domain';

/** How the columns of a file become datapoints. */

export interface Column extends ImportColumn {
  name: string;
}

/** Names under which other products export what should come out. */
const targetNames = new Set(['target', 'expected', 'expected_output', 'reference', 'ground_truth', 'ideal', 'label']);
const wholes = new Set<ImportColumn['to']>(['inputs', 'messages', 'metadata', 'split', 'tags', 'id']);
const longest = { split: 100, tag: 100, tags: 100 };

/** What a name says: `inputs.NAME`, `target.KEY`, `metadata.KEY`, names of whole parts; any other is that of an input. */
export function columnOf(name: string): Column {
  const [, place, key] = /^(inputs?|target|metadata)\.(.+)$/s.exec(name) ?? [];
  if (key !== undefined) return { name, to: place === 'target' ? 'target_key' : place === 'metadata' ? 'metadata_key' : 'input', key };
  const plain = name.toLowerCase();
  if (targetNames.has(plain)) return { name, to: 'target' };
  return wholes.has(plain as Column['to']) ? { name, to: plain as Column['to'] } : { name, to: 'input', key: name };
}

interface Made {
  inputs: [string, string][];
  messages: ChatMessage[];
  target: [string, unknown][];
  metadata: [string, unknown][];
  split: string | null;
  tags: string[];
  id: string | null;
}

/** The datapoint and the file's own id of it; a text says what is wrong with the row. */
export function datapointOfRow(
  columns: readonly Column[],
  cells: readonly unknown[],
): { datapoint: Datapoint; id: string | null } | string {
  const made: Made = { inputs: [], messages: [], target: [], metadata: [], split: null, tags: [], id: null };
  for (const [index, column] of columns.entries()) {
    const problem = readers[column.to](made, column, clean(cells[index]));
    if (problem !== null) return `\`${column.name}\` ${problem}`;
  }
  const { inputs, messages, target, metadata, split, tags, id } = made;
  if (id !== null) metadata.push(['id', id]);
  if (inputs.every(([, text]) => text === '') && messages.length === 0 && target.length === 0) return 'it is empty';
  const datapoint = {
    inputs: Object.fromEntries(inputs),
    messages,
    target: Object.fromEntries(target) as Datapoint['target'],
    metadata: Object.fromEntries(metadata),
    split,
    tags,
  };
  return { datapoint, id };
}

/** Each says what is wrong with a value, or null. */
const readers: Record<Column['to'], (made: Made, column: Column, value: unknown) => string | null> = {
  ignore: () => null,
  input: ({ inputs }, { key, name }, value) => {
    if (value !== undefined && value !== null) inputs.push([key || name, valueText(value)]);
    return null;
  },
  inputs: ({ inputs }, _column, value) => {
    if (isEmpty(value)) return null;
    const object = objectOf(value);
    if (object === null) return 'is no JSON object of inputs';
    for (const [key, inner] of Object.entries(object)) if (inner !== null) inputs.push([key, valueText(inner)]);
    return null;
  },
  target: ({ target }, _column, value) => {
    if (isEmpty(value)) return null;
    const object = objectOf(value);
    target.push(
      ...(object === null ? [['output', value] as [string, unknown]] : Object.entries(object).filter(([, inner]) => inner !== null)),
    );
    return null;
  },
  target_key: ({ target }, { key, name }, value) => {
    if (!isEmpty(value)) target.push([key || name, value]);
    return null;
  },
  messages: (made, _column, value) => {
    if (isEmpty(value)) return null;
    const parsed = chatMessages.safeParse(typeof value === 'string' ? jsonOf(value) : value);
    if (!parsed.success) return 'is no JSON list of chat messages';
    made.messages.push(...(parsed.data ?? []));
    return null;
  },
  message: ({ messages }, { key }, value) => {
    if (isEmpty(value)) return null;
    const role = chatRole.safeParse(key || 'user');
    if (!role.success) return `becomes a message of “${key}”, which is none of ${chatRole.options.join(', ')}`;
    messages.push({ role: role.data, content: valueText(value) });
    return null;
  },
  metadata: ({ metadata }, _column, value) => {
    if (isEmpty(value)) return null;
    const object = objectOf(value);
    if (object === null) return 'is no JSON object';
    metadata.push(...Object.entries(object));
    return null;
  },
  metadata_key: ({ metadata }, { key, name }, value) => {
    if (!isEmpty(value)) metadata.push([key || name, value]);
    return null;
  },
  split: (made, _column, value) => {
    if (isEmpty(value)) return null;
    made.split = valueText(value).trim();
    return made.split.length > longest.split ? `is a split of more than ${longest.split} characters` : null;
  },
  tags: ({ tags }, _column, value) => {
    if (isEmpty(value)) return null;
    const list = Array.isArray(value) ? value : (listOf(value) ?? valueText(value).split(/[,;|]/));
    for (const tag of list.map((each) => valueText(each).trim())) {
      if (tag.length > longest.tag) return `has a tag of more than ${longest.tag} characters`;
      if (tag !== '') tags.push(tag);
    }
    return tags.length > longest.tags ? `has more than ${longest.tags} tags` : null;
  },
  id: (made, _column, value) => {
    if (!isEmpty(value)) made.id = valueText(value).trim();
    return null;
  },
};

function clean(value: unknown): unknown {
  return value === undefined ? undefined : canonicalJson(value).value;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function objectOf(value: unknown): Record<string, unknown> | null {
  const given = typeof value === 'string' ? jsonOf(value) : value;
  return typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as Record<string, unknown>) : null;
}

function listOf(value: unknown): unknown[] | null {
  const given = typeof value === 'string' && value.trimStart().startsWith('[') ? jsonOf(value) : null;
  return Array.isArray(given) ? given : null;
}

function jsonOf(text: string): unknown {
  try {
    return canonicalJson(JSON.parse(text) as unknown).value;
  } catch {
    return undefined;
  }
}
