import { AppError, type Scope } from '@whetstone/contract';
import { type FilterNode, parseFilter } from '@whetstone/domain';
import type { Files } from '../../files/index.ts';

interface Rooms {
  files: Pick<Files, 'environments' | 'find' | 'tree'>;
}

/** The filter language as the log store takes it; null for no text. @throws AppError for what is not in the language */
export async function readLogFilter(rooms: Rooms, scope: Scope, text: string): Promise<unknown> {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new AppError('invalid_input', `filter: at character ${parsed.error.position + 1}: ${parsed.error.message}`);
  return parsed.filter === null ? null : resolveFilterNames(rooms, scope, parsed.filter);
}

/**
 * The log store knows ids; people write names. Environments, files and evaluators of a filter become ids here; a name that is
 * nobody's stays as it is and matches nothing, as an id that is nobody's does.
 */
async function resolveFilterNames(rooms: Rooms, scope: Scope, node: FilterNode): Promise<FilterNode> {
  if (node.type === 'and' || node.type === 'or')
    return { ...node, items: await Promise.all(node.items.map((item) => resolveFilterNames(rooms, scope, item))) };
  if (node.type === 'not') return { ...node, item: await resolveFilterNames(rooms, scope, node.item) };
  if (node.type === 'field' && node.field === 'judged') return { ...node, key: await evaluatorId(rooms, scope, node.key) };
  if (node.type === 'field' && node.field === 'feedback') return { ...node, key: await feedbackId(rooms, scope, node.key) };
  if (node.type !== 'field' || typeof node.value !== 'string' || node.value === '') return node;
  if (node.field === 'environment') return among(node, await environmentIds(rooms, scope, node));
  if (node.field === 'file') return among(node, await fileIds(rooms, scope, node));
  return node;
}

type FieldNode = Extract<FilterNode, { type: 'field' }>;

function matches(node: FieldNode, name: string): boolean {
  const value = String(node.value).toLowerCase();
  const given = name.toLowerCase();
  return node.op === '^' ? given.startsWith(value) : node.op === '~' ? given.includes(value) : given === value;
}

async function environmentIds(rooms: Rooms, scope: Scope, node: FieldNode): Promise<string[]> {
  return (await rooms.files.environments.list(scope))
    .filter((environment) => matches(node, environment.name))
    .map((environment) => environment.id);
}

async function fileIds(rooms: Rooms, scope: Scope, node: FieldNode): Promise<string[]> {
  if (node.op === '=') {
    const file = await rooms.files.find(scope, null, { path: String(node.value) });
    return file === null ? [] : [file.file.id];
  }
  const { files } = await rooms.files.tree(scope);
  return files.filter(({ file }) => matches(node, file.path)).map(({ file }) => file.id);
}

/** Null stands for any evaluator. */
async function evaluatorId(rooms: Rooms, scope: Scope, path: string | null): Promise<string | null> {
  return path === null ? null : ((await rooms.files.find(scope, 'evaluator', { path }))?.file.id ?? path);
}

/** `vote` is `feedback/vote`, unless only a file of that name is there. */
async function feedbackId(rooms: Rooms, scope: Scope, kind: string | null): Promise<string | null> {
  const known = kind === null ? null : await rooms.files.find(scope, 'evaluator', { path: `feedback/${kind}` });
  return known?.file.id ?? evaluatorId(rooms, scope, kind);
}

function among(node: FieldNode, ids: readonly string[]): FilterNode {
  if (ids.length === 0) return { ...node, op: '=' };
  const terms = ids.map((id): FilterNode => ({ ...node, op: '=', value: id }));
  return terms.length === 1 ? (terms[0] as FilterNode) : { type: 'or', items: terms };
}
