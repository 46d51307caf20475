import type { Scope } from '@whetstone/contract';
import type { Snapshot } from '../../files/index.ts';
import type { NewLog, StoredLog } from '../../logs/index.ts';
import type { Room } from '../context.ts';
import { insertRunLogs } from '../store-runs.ts';
import { type Item, outputsOf } from './store.ts';

export interface Keyed {
  item: Item;
  key: string | null;
}

/** Good logs that earlier runs of the workspace made of the same content, by its key. */
export async function earlierOutputs(room: Room, scope: Scope, keyed: readonly Keyed[]): Promise<Map<string, StoredLog>> {
  const byKey = await outputsOf(
    room.db,
    scope.workspaceId,
    keyed.flatMap(({ key }) => key ?? []),
  );
  const ids = [...new Set(byKey.values())];
  if (ids.length === 0) return new Map();
  const page = { page: 1, size: ids.length, payload: false, count: false };
  const { records } = await room.logs.list(scope, { ids, statuses: ['ok'] }, page);
  // Without its payload it can be neither read nor judged.
  const logs = new Map(records.flatMap((log) => (log.payload === 'dropped' ? [] : [[log.id, log] as const])));
  return new Map([...byKey].flatMap(([key, id]) => (logs.has(id) ? [[key, logs.get(id) as StoredLog] as const] : [])));
}

/**
 * Takes an earlier output into the run: the log itself, judgments and all, where it is of the same version and datapoint; else a copy
 * that costs nothing, because what it is compared with may differ.
 * @returns the id of the log that the item has now, and whether it is a new one; null when the earlier one is gone
 */
export async function takeOver(
  room: Room,
  scope: Scope,
  { item, runId, version, earlier, keyId }: { item: Item; runId: string; version: Snapshot; earlier: StoredLog; keyId: string | null },
): Promise<{ logId: string; copied: boolean } | null> {
  if (earlier.datapointId === item.datapointId && earlier.versionId === version.version.id) {
    await insertRunLogs(room.db, runId, [{ id: earlier.id, at: earlier.at }]);
    return { logId: earlier.id, copied: false };
  }
  const whole = await room.logs.find(scope, earlier.id);
  if (whole === null || whole.payload !== 'full') return null;
  await room.logs.record(scope, {
    ...pick(whole),
    id: item.logId,
    kind: version.kind as NewLog['kind'],
    fileId: version.file.id,
    versionId: version.version.id,
    origin: 'evaluation',
    runId,
    datapointId: item.datapointId,
    keyId,
    promptCost: 0,
    outputCost: 0,
    ...(version.kind === 'agent' ? { logStatus: 'complete' as const } : {}),
    providerResponse: {
      ...whole.providerResponse,
      cached: { log_id: whole.id, stored_at: whole.at.toISOString(), saved_cost_usd: whole.costUsd },
    },
  });
  return { logId: item.logId, copied: true };
}

const kept = [
  ...(['inputs', 'messages', 'output', 'outputMessage', 'toolChoice', 'finishReason', 'stdout', 'providerRequest'] as const),
  ...(['model', 'provider', 'latencyMs', 'firstTokenMs', 'estimated'] as const),
  ...(['promptTokens', 'outputTokens', 'reasoningTokens', 'cachedTokens'] as const),
];

/** What was said and how long it took; not when, by whom and for what price. */
function pick(log: StoredLog): Pick<StoredLog, (typeof kept)[number]> {
  return Object.fromEntries(kept.map((key) => [key, log[key]])) as Pick<StoredLog, (typeof kept)[number]>;
}
