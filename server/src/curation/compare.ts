import { createHash } from 'node:crypto';
import type { DatapointChange, Scope } from '@whetstone/contract';
import { sameJson, stableJson } from '@whetstone/domain';
import type { StoredDatapoint } from '../files/index.ts';
import type { ChangePage, Changes } from './index.ts';
import { datapointsOf, type Room } from './room.ts';

export interface Pair {
  kind: DatapointChange['kind'];
  before: string | null;
  after: string | null;
}

const fields = ['inputs', 'messages', 'target', 'metadata', 'split', 'tags'] as const;

/** Added, changed and removed, each in the order of the version that has it. */
export async function compare(room: Room, scope: Scope, from: string, to: string, { kind, page, size }: ChangePage): Promise<Changes> {
  const key = JSON.stringify([scope.workspaceId, from, to]);
  const { pairs, same } = await room.compared.get(key, () => pairsOf(room, scope, from, to));
  const count = (wanted: Pair['kind']): number => pairs.filter((pair) => pair.kind === wanted).length;
  const wanted = kind === null ? pairs : pairs.filter((pair) => pair.kind === kind);
  const shown = wanted.slice((page - 1) * size, page * size);
  const datapoints = await room.files.datasets.datapointsById(
    scope,
    shown.flatMap(({ before, after }) => [before, after].filter((id) => id !== null)),
  );
  const of = (id: string | null): StoredDatapoint | null => (id === null ? null : (datapoints.get(id) ?? null));
  return {
    counts: { added: count('added'), changed: count('changed'), removed: count('removed'), same },
    records: shown.map((pair) => changeOf(pair.kind, of(pair.before), of(pair.after))),
    total: wanted.length,
  };
}

function changeOf(kind: Pair['kind'], before: StoredDatapoint | null, after: StoredDatapoint | null): DatapointChange {
  const differing = before && after ? fields.filter((field) => !sameJson(before[field], after[field])) : [];
  return { kind, before, after, fields: differing };
}

async function pairsOf(room: Room, scope: Scope, from: string, to: string): Promise<{ pairs: Pair[]; same: number }> {
  const { datasets } = room.files;
  const [before, after] = await Promise.all([datasets.datapointIds(scope, from), datasets.datapointIds(scope, to)]);
  const [old, fresh] = [new Set(before), new Set(after)];
  const gone = before.filter((id) => !fresh.has(id));
  const come = after.filter((id) => !old.has(id));
  const successors = await successorsOf(room, scope, gone, come);
  const changedTo = new Set(successors.values());
  const added = come.filter((id) => !changedTo.has(id));
  const pairs: Pair[] = [
    ...added.map((id): Pair => ({ kind: 'added', before: null, after: id })),
    ...gone.flatMap((id): Pair[] => {
      const next = successors.get(id);
      return next === undefined ? [] : [{ kind: 'changed', before: id, after: next }];
    }),
    ...gone.flatMap((id): Pair[] => (successors.has(id) ? [] : [{ kind: 'removed', before: id, after: null }])),
  ];
  return { pairs, same: before.length - gone.length };
}

/** Of those that went, the one that came with the same inputs and messages. Of several the first, each once. */
async function successorsOf(room: Room, scope: Scope, gone: readonly string[], come: readonly string[]): Promise<Map<string, string>> {
  const successors = new Map<string, string>();
  if (gone.length === 0 || come.length === 0) return successors;
  const waiting = new Map<string, string[]>();
  for await (const datapoint of datapointsOf(room, scope, come)) {
    const key = questionOf(datapoint);
    const others = waiting.get(key);
    if (others === undefined) waiting.set(key, [datapoint.id]);
    else others.push(datapoint.id);
  }
  for (const ids of waiting.values()) ids.reverse();
  for await (const datapoint of datapointsOf(room, scope, gone)) {
    const next = waiting.get(questionOf(datapoint))?.pop();
    if (next !== undefined) successors.set(datapoint.id, next);
  }
  return successors;
}

function questionOf({ inputs, messages }: StoredDatapoint): string {
  return createHash('sha256').update(stableJson({ inputs, messages })).digest('base64');
}
