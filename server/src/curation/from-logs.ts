import type { ChatMessage, Datapoint, Scope } from '@whetstone/contract';
import { logToRequest, type RerunnableLog, stableJson, valueText } from '@whetstone/domain';
import type { Snapshot } from '../files/index.ts';
import type { LogFilter, StoredJudgment, StoredLog } from '../logs/index.ts';
import type { AddedFromLogs, CaseOfLog, CaseWish, FromLogs } from './index.ts';
import { breathe, type Room } from './room.ts';

const readAtOnce = 200;
/** Evaluator that every workspace has for it, asked first where none is named. */
const ownCorrection = 'feedback/correction';

export async function addFromLogs(
  room: Room,
  scope: Scope,
  dataset: Snapshot<'dataset'>,
  filter: LogFilter,
  wish: FromLogs,
  signal: AbortSignal,
): Promise<AddedFromLogs> {
  const cases: Datapoint[] = [];
  const skipped: AddedFromLogs['skipped'] = [];
  const missing = new Set(wish.named ?? []);
  const preferred = await preferredEvaluator(room, scope, wish);
  let logs = 0;
  for await (const some of batches(room, scope, filter, wish.limit, signal)) {
    logs += some.length;
    for (const log of some) missing.delete(log.id);
    for (const [log, made] of await casesOf(room, scope, some, wish, preferred)) {
      if (typeof made === 'string') skipped.push({ logId: log.id, reason: made });
      else cases.push(made);
    }
    await breathe();
  }
  for (const logId of missing) skipped.push({ logId, reason: 'There is no such log.' });
  const once = [...new Map(cases.toReversed().map((each) => [caseKey(each), each])).values()].toReversed();
  const version = { fileId: dataset.file.id, versionId: dataset.version.id };
  const there = await room.files.datasets.casesThere(scope, version, once);
  const fresh = once.filter((_, index) => there[index] !== true);
  const { snapshot, createdVersion } = await room.files.datasets.upsert(scope, {
    id: dataset.file.id,
    datapoints: fresh,
    action: 'add',
    base: { versionId: dataset.version.id },
    ...(fresh.length === 0 ? {} : { versionName: wish.versionName, versionDescription: wish.versionDescription }),
  });
  return { snapshot, createdVersion, logs, added: fresh.length, alreadyThere: cases.length - fresh.length, skipped };
}

export async function casesOfLogs(
  room: Room,
  scope: Scope,
  logIds: readonly string[],
  wish: CaseWish,
  signal: AbortSignal,
): Promise<CaseOfLog[]> {
  const preferred = await preferredEvaluator(room, scope, wish);
  const cases: CaseOfLog[] = [];
  for await (const some of batches(room, scope, { ids: logIds }, logIds.length, signal))
    for (const [log, made] of await casesOf(room, scope, some, wish, preferred))
      cases.push({ logId: log.id, made: typeof made === 'string' ? made : { datapoint: made, key: caseKey(made) } });
  return cases;
}

async function* batches(room: Room, scope: Scope, filter: LogFilter, limit: number, signal: AbortSignal): AsyncGenerator<StoredLog[]> {
  let batch: StoredLog[] = [];
  let taken = 0;
  for await (const log of room.logs.export(scope, filter, signal)) {
    batch.push(log);
    taken += 1;
    if (batch.length >= readAtOnce) {
      yield batch;
      batch = [];
    }
    if (taken >= limit) break;
  }
  if (batch.length > 0) yield batch;
}

/** Each log with its case, or with the reason why it gives none. */
async function casesOf(
  room: Room,
  scope: Scope,
  logs: readonly StoredLog[],
  wish: CaseWish,
  preferred: string | null,
): Promise<[StoredLog, Datapoint | string][]> {
  const [versions, judgments] = await Promise.all([
    room.files.versionsById(scope, [...new Set(logs.map(({ versionId }) => versionId))]),
    wish.target === 'correction'
      ? room.logs.judgmentsOf(
          scope,
          logs.map(({ id }) => id),
        )
      : new Map<string, StoredJudgment[]>(),
  ]);
  return logs.map((log) => {
    const correction = correctionOf(judgments.get(log.id) ?? [], wish, preferred);
    return [log, caseOf(log, versions.get(log.versionId) ?? null, wish, correction)];
  });
}

function caseOf(log: StoredLog, version: Snapshot | null, wish: CaseWish, correction: string | null): Datapoint | string {
  if (log.payload === 'dropped') return 'Its content was not kept.';
  const wanted = wish.target === 'correction' ? correction : wish.target === 'output' ? outputOf(log) : '';
  if (wanted === null) return wish.target === 'correction' ? 'Nobody corrected it.' : 'It has no output.';
  const inputs = Object.fromEntries(Object.entries(log.inputs ?? {}).map(([name, value]) => [name, valueText(value ?? null)]));
  const messages = messagesOf(log, version);
  if (Object.keys(inputs).length === 0 && messages.length === 0) return 'It has neither inputs nor messages.';
  return {
    inputs,
    messages,
    target: wish.target === 'none' ? null : { [wish.targetKey]: wanted },
    metadata: { log_id: log.id },
    split: wish.split,
    tags: wish.tags,
  };
}

/** What followed the template: a run on the case fills the template in again. */
function messagesOf(log: StoredLog, version: Snapshot | null): ChatMessage[] {
  const messages = log.messages ?? [];
  if (version === null || (version.kind !== 'prompt' && version.kind !== 'agent')) return messages;
  const prompt = { ...version.version.kernel, id: version.file.id, path: version.file.path, version_id: version.version.id };
  const rerunnable = { id: log.id, inputs: log.inputs, messages, tool_choice: null, environment: null, prompt };
  return logToRequest(rerunnable as RerunnableLog).messages;
}

function outputOf(log: StoredLog): string | null {
  if (log.output !== null && log.output !== '') return log.output;
  const content = log.outputMessage?.content;
  if (typeof content === 'string' && content !== '') return content;
  const calls = log.outputMessage?.tool_calls ?? [];
  return calls.length > 0 ? JSON.stringify(calls) : null;
}

/** What a person wrote that the answer should have been; of several the newest. */
function correctionOf(judgments: readonly StoredJudgment[], wish: CaseWish, preferred: string | null): string | null {
  const texts = judgments
    .filter(({ value, source, evaluatorId }) => {
      if (typeof value !== 'string' || value.trim() === '') return false;
      return wish.correctionBy === null ? source === 'human' || source === 'user' : evaluatorId === wish.correctionBy;
    })
    .toSorted((a, b) => b.at.getTime() - a.at.getTime());
  const chosen = texts.find(({ evaluatorId }) => evaluatorId === preferred) ?? (wish.correctionBy === null ? undefined : texts[0]);
  return (chosen?.value as string | undefined) ?? null;
}

async function preferredEvaluator(room: Room, scope: Scope, wish: CaseWish): Promise<string | null> {
  if (wish.target !== 'correction' || wish.correctionBy !== null) return wish.correctionBy;
  return (await room.files.find(scope, 'evaluator', { path: ownCorrection }))?.file.id ?? null;
}

function caseKey({ inputs, messages, target }: Datapoint): string {
  return stableJson({ inputs, messages, target });
}
