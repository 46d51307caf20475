import { createHash } from 'node:crypto';
import { notFound } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { wrong } from '../files/index.ts';
import { prefixes, shuffled, type Room } from './context.ts';
import type { NewQueue } from './index.ts';
import type { NewItem } from './store.ts';

/** Which logs come into a queue, in an order by chance that stays. */

/** Logs that one queue is filled with at most; of more that match the newest are taken. */
export const mostItems = 20_000;
const pageSize = 1000;

type Entry = { logId: string; otherLogId: string | null };

export async function itemsFor(
  room: Room,
  scope: Scope,
  queueId: string,
  input: Pick<NewQueue, 'source' | 'filter' | 'share' | 'limit'>,
): Promise<NewItem[]> {
  const found = await entriesOf(room, scope, input);
  const kept = shuffled(
    room,
    found.filter(({ logId }) => belongs(logId, queueId, input.share)),
  );
  return placed(room, kept.slice(0, input.limit ?? mostItems));
}

/** As many pairs one way round as the other, give or take one. */
function placed(room: Room, entries: readonly Entry[]): NewItem[] {
  const first = room.random() < 0.5 ? 0 : 1;
  return entries.map((entry, index) => ({
    id: room.newId(prefixes.item),
    // Spread out, so that what joins later falls anywhere among them.
    position: (index + room.random()) / entries.length,
    ...entry,
    swapped: entry.otherLogId !== null && (index + first) % 2 === 1,
    probability: null,
  }));
}

async function entriesOf(room: Room, scope: Scope, { source, filter }: Pick<NewQueue, 'source' | 'filter'>): Promise<Entry[]> {
  switch (source.type) {
    case 'filter':
      return single(await matching(room, scope, filter ?? {}));
    case 'run':
      return single((await logsOfRun(room, scope, source.evaluation_id, source.run_id)).map(({ id }) => id));
    case 'pair':
      return pairs(room, scope, source.evaluation_id, source.run_ids);
    case 'logs': {
      const ids = [...new Set(source.log_ids)];
      const there = new Set(await matching(room, scope, { ids }));
      const missing = ids.find((id) => !there.has(id));
      if (missing !== undefined) throw notFound('Log', missing);
      return single(ids);
    }
  }
}

/** Whether a log is in the share of the queue: by its id, so that asking again when it changes decides the same. */
export function belongs(logId: string, queueId: string, share: number): boolean {
  if (share >= 1) return true;
  const digest = createHash('sha256').update(`${queueId}\n${logId}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48 < share;
}

const single = (ids: readonly string[]): Entry[] => ids.slice(0, mostItems).map((logId) => ({ logId, otherLogId: null }));

export async function matching(room: Room, scope: Scope, filter: NonNullable<NewQueue['filter']>): Promise<string[]> {
  const ids: string[] = [];
  for (let page = 1; ids.length < mostItems; page += 1) {
    const { records } = await room.logs.list(scope, filter, { page, size: pageSize, payload: false, count: false });
    ids.push(...records.map(({ id }) => id));
    if (records.length < pageSize) break;
  }
  return [...new Set(ids)];
}

async function logsOfRun(
  room: Room,
  scope: Scope,
  evaluationId: string,
  runId: string,
): Promise<{ id: string; datapointId: string | null }[]> {
  const logs: { id: string; datapointId: string | null; at: number }[] = [];
  for (let page = 1; ; page += 1) {
    const { records, total } = await room.evaluations.logs(scope, evaluationId, { runIds: [runId], page, size: pageSize });
    logs.push(...records.map(({ log }) => ({ id: log.id, datapointId: log.datapointId, at: log.at.getTime() })));
    if (records.length === 0 || logs.length >= Math.min(total, mostItems)) break;
  }
  return logs.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** Of each datapoint the first log of one run beside the first of the other, the second beside the second. */
async function pairs(room: Room, scope: Scope, evaluationId: string, [a, b]: readonly [string, string]): Promise<Entry[]> {
  if (a === b) throw wrong('source', 'Name two different runs: a run beside itself says nothing.');
  const [ofA, ofB] = await Promise.all([logsOfRun(room, scope, evaluationId, a), logsOfRun(room, scope, evaluationId, b)]);
  const waiting = Map.groupBy(ofB, ({ datapointId }) => datapointId);
  const entries = ofA.flatMap(({ id, datapointId }) => {
    const other = datapointId === null ? undefined : waiting.get(datapointId)?.shift();
    return other === undefined ? [] : [{ logId: id, otherLogId: other.id }];
  });
  if (entries.length === 0)
    throw wrong('source', 'The two runs have no datapoint in common, so nothing can stand side by side. Choose two runs over one dataset.');
  return entries;
}
