import { AppError, type FeedbackItem, type JudgmentValue, type Scope } from '@whetstone/contract';
import { judgmentMismatch } from '@whetstone/domain';
import type { Agree, JudgedLog, Said, SaidChange } from '../logs/index.ts';
import type { FeedbackDeps, Given, Kind, Refused } from './index.ts';
import { isCorrection, kindFinder, listed } from './kinds.ts';
import type { WaitingRow } from './store.ts';

export interface GiveParts extends FeedbackDeps {
  agree: Agree | null;
  /** Durable when it resolves; throws for all when too many wait. */
  wait(workspaceId: string, rows: readonly WaitingRow[]): Promise<void>;
}

type Item = FeedbackItem | Refused;
interface Read {
  item: FeedbackItem;
  kind: Kind;
  change: SaidChange;
}

const refusal = (error: AppError): Given => ({
  id: null,
  logId: null,
  status: 'refused',
  error: { code: error.code, message: error.message },
});

export async function give(parts: GiveParts, scope: Scope, items: readonly Item[]): Promise<Given[]> {
  const find = kindFinder(parts, scope);
  const read = await Promise.all(items.map((item) => readItem(item, find)));
  const logs = await logsOf(parts, scope, read);
  const results: (Given | null)[] = [];
  const said: { index: number; said: Said }[] = [];
  const waiting: WaitingRow[] = [];
  for (const [index, each] of read.entries()) {
    if (each instanceof AppError) {
      results.push(refusal(each));
      continue;
    }
    const { log_id: logId, reference_id: reference } = each.item;
    const log = (logId != null ? logs.byId.get(logId) : logs.byReference.get(reference ?? '')) ?? null;
    if (log?.deleted === 1) results.push(refusal(new AppError('not_found', `The log \`${log.id}\` was deleted.`)));
    else if (log === null) {
      waiting.push(waitingOf(scope, each, parts.clock()));
      results.push({ id: null, logId: logId ?? null, status: 'waiting', error: null });
    } else {
      said.push({ index, said: saidOf(scope, each, log) });
      results.push(null);
    }
  }
  const [judged] = await Promise.all([
    said.length === 0
      ? []
      : parts.logs.feedback.say(
          scope,
          said.map((each) => each.said),
          parts.agree,
        ),
    waiting.length === 0 ? undefined : parts.wait(scope.workspaceId, waiting),
  ]);
  for (const [n, { index, said: one }] of said.entries()) {
    const { id, deleted } = judged[n]!;
    const takenBack = deleted || one.change.type === 'remove' || (one.change.type === 'options' && one.change.add.length === 0);
    results[index] = { id, logId: one.log.id, status: takenBack ? 'removed' : 'accepted', error: null };
  }
  return results as Given[];
}

async function readItem(item: Item, find: (name: string) => Promise<Kind | AppError>): Promise<Read | AppError> {
  if ('refused' in item) return new AppError('invalid_input', item.refused.message);
  if ((item.log_id == null) === (item.reference_id == null))
    return new AppError(
      'invalid_input',
      item.log_id == null
        ? 'Name the log: by `log_id`, or by your own id of it as `reference_id`.'
        : 'Name the log once: by `log_id` or by `reference_id`, not by both.',
    );
  const kind = await find(item.kind);
  if (kind instanceof AppError) return kind;
  const value = item.value == null ? null : listed(kind.spec, item.value);
  if (value === null && item.remove !== true)
    return new AppError('invalid_input', '`value` is missing. To take back what was said, send `"remove": true`.');
  const wrong = value === null ? null : judgmentMismatch(kind.spec, value);
  if (wrong !== null) return new AppError('invalid_input', `${kind.path}: ${wrong}`);
  return { item, kind, change: changeOf(kind, value, item.remove === true) };
}

function changeOf({ spec }: Kind, value: JudgmentValue | null, remove: boolean): SaidChange {
  if (spec.return_type === 'multi_select' && Array.isArray(value)) {
    const names = [...new Set(value)];
    return remove ? { type: 'options', add: [], drop: names } : { type: 'options', add: names, drop: [] };
  }
  return remove || value === null ? { type: 'remove', value } : { type: 'set', value };
}

async function logsOf(
  { logs }: FeedbackDeps,
  scope: Scope,
  read: readonly (Read | AppError)[],
): Promise<{ byId: Map<string, JudgedLog>; byReference: Map<string, JudgedLog> }> {
  const items = read.flatMap((each) => (each instanceof AppError ? [] : [each.item]));
  const ids = [...new Set(items.flatMap(({ log_id: id }) => id ?? []))];
  const references = [...new Set(items.flatMap(({ reference_id: id }) => id ?? []))];
  const [byId, byReference] = await Promise.all([
    ids.length === 0 ? new Map<string, JudgedLog>() : logs.feedback.logs(scope, ids),
    references.length === 0 ? new Map<string, JudgedLog>() : referencesOf(logs, scope, references),
  ]);
  return { byId, byReference };
}

/** While the log store is away nothing is known, and what is said waits. */
async function referencesOf(logs: FeedbackDeps['logs'], scope: Scope, references: readonly string[]): Promise<Map<string, JudgedLog>> {
  try {
    return await logs.feedback.byReference(scope, references);
  } catch (error) {
    if (error instanceof AppError && error.code === 'unavailable') return new Map();
    throw error;
  }
}

function saidOf(scope: Scope, { item, kind, change }: Read, log: JudgedLog): Said {
  return {
    log,
    evaluatorId: kind.id,
    evaluatorVersionId: kind.versionId,
    source: sourceOf(scope, item),
    judge: judgeOf(scope, item) || judgeOfLog(log),
    change,
    reason: item.comment ?? null,
    metadata: item.metadata ?? null,
    correction: isCorrection(kind),
    text: kind.spec.return_type === 'text',
    createdAt: item.created_at == null ? null : new Date(item.created_at),
    keyId: scope.actor.type === 'key' ? scope.actor.id : null,
    receivedAt: null,
  };
}

/** A colleague answers in the app; whoever an application names is its user. */
function sourceOf({ actor }: Scope, { user }: FeedbackItem): 'human' | 'user' {
  return actor.type === 'user' && (user == null || user === actor.id) ? 'human' : 'user';
}
function judgeOf({ actor }: Scope, { user }: FeedbackItem): string {
  return user ?? (actor.type === 'user' ? actor.id : '');
}
export function judgeOfLog(log: JudgedLog): string {
  return log.end_user || log.unit;
}

function waitingOf(scope: Scope, { item, kind, change }: Read, now: Date): WaitingRow {
  const options =
    change.type === 'options' ? [...change.add.map((name) => [name, true]), ...change.drop.map((name) => [name, false])] : null;
  return {
    workspace_id: scope.workspaceId,
    by_reference: item.reference_id != null,
    log: item.log_id ?? item.reference_id ?? '',
    evaluator_id: kind.id,
    source: sourceOf(scope, item),
    judge: judgeOf(scope, item),
    judgment: {
      evaluatorVersionId: kind.versionId,
      remove: change.type === 'remove',
      value: change.type === 'options' || Array.isArray(change.value) ? null : change.value,
      reason: item.comment ?? null,
      metadata: item.metadata ?? null,
      correction: isCorrection(kind),
      text: kind.spec.return_type === 'text',
      createdAt: item.created_at == null ? null : new Date(item.created_at).toISOString(),
      keyId: scope.actor.type === 'key' ? scope.actor.id : null,
    },
    options: options === null ? null : (Object.fromEntries(options) as Record<string, boolean>),
    received_at: now,
  };
}
