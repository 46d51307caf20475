import { AppError, type Datapoint, type Scope } from '@whetstone/contract';
import type { Snapshot } from '../files/index.ts';
import type { Decided, Decision, Rules } from './index.ts';
import { clean, datasetOf, type Room } from './room.ts';
import { decideCases, listRules, waitingAmong, waitingPage } from './store.ts';
import type { CaseRow, RuleRow } from './tables.ts';

const mostAdded = 10_000;
/** How long a case waits at most until it is added by itself. */
const addedWithinMs = 86_400_000;

export const waiting =
  (room: Room): Rules['waiting'] =>
  async (scope, datasetId, query) => {
    const { file } = await datasetOf(room, scope, datasetId);
    const ruleId = query.ruleId === null ? null : clean(query.ruleId);
    const [{ rows, total }, rules] = await Promise.all([
      waitingPage(room.db, scope.workspaceId, file.id, { ...query, ruleId }),
      listRules(room.db, scope.workspaceId, file.id),
    ]);
    const names = new Map(rules.map(({ id, name }) => [id, name]));
    return { records: rows.map((row) => ({ row, rule: names.get(row.rule_id) ?? '', datapoint: datapointOf(row) })), total };
  };

export const decide =
  (room: Room): Rules['decide'] =>
  async (scope, datasetId, decision) => {
    const dataset = await datasetOf(room, scope, datasetId);
    const ids = [...new Set([...decision.accept.map(({ id }) => clean(id)), ...decision.dismiss.map(clean)])];
    const rows = await waitingAmong(room.db, scope.workspaceId, dataset.file.id, ids);
    const found = new Map(rows.map((row) => [row.id, row]));
    const accepted = new Map(decision.accept.map(({ id, datapoint }) => [clean(id), datapoint]));
    const cases = [...accepted].flatMap(([id, datapoint]) => {
      const row = found.get(id);
      return row === undefined ? [] : [{ row, datapoint: datapoint ?? datapointOf(row) }];
    });
    const dismissed = decision.dismiss.map(clean).filter((id) => found.has(id) && !accepted.has(id));
    const kept =
      cases.length === 0
        ? { snapshot: dataset, createdVersion: false, added: 0, alreadyThere: 0 }
        : await add(room, scope, dataset.file.id, cases, decision);
    await decideCases(room.db, dismissed, 'dismissed', { at: room.clock(), id: scope.actor.id });
    return { ...kept, dismissed: new Set(dismissed).size, gone: ids.length - found.size };
  };

/** Of a rule that adds by itself: when enough wait, or the first waits too long. */
export async function addWaiting(room: Room, scope: Scope, row: RuleRow, now: Date): Promise<void> {
  const { rows, total } = await waitingPage(room.db, row.workspace_id, row.dataset_id, { ruleId: row.id, page: 1, size: mostAdded });
  const first = rows[0];
  if (first === undefined || (total < row.batch && now.getTime() - first.found_at.getTime() < addedWithinMs)) return;
  const cases = rows.map((each) => ({ row: each, datapoint: datapointOf(each) }));
  await add(room, scope, row.dataset_id, cases, { versionName: null, versionDescription: null }, `by the rule “${row.name}”`);
}

interface Adding {
  row: CaseRow;
  datapoint: Datapoint;
}
const attempts = 3;

/** To the newest version; somebody may save another one meanwhile, so it may take a second attempt. */
async function add(
  room: Room,
  scope: Scope,
  datasetId: string,
  cases: readonly Adding[],
  wish: Pick<Decision, 'versionName' | 'versionDescription'>,
  how = 'from logs, by rules',
): Promise<Omit<Decided, 'dismissed' | 'gone'>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await addOnce(room, scope, await datasetOf(room, scope, datasetId), cases, wish, how);
    } catch (error) {
      if (attempt === attempts || !(error instanceof AppError) || error.code !== 'conflict') throw error;
    }
  }
}

async function addOnce(
  room: Room,
  scope: Scope,
  dataset: Snapshot<'dataset'>,
  cases: readonly Adding[],
  wish: Pick<Decision, 'versionName' | 'versionDescription'>,
  how: string,
): Promise<Omit<Decided, 'dismissed' | 'gone'>> {
  const version = { fileId: dataset.file.id, versionId: dataset.version.id };
  const there = await room.files.datasets.casesThere(
    scope,
    version,
    cases.map(({ datapoint }) => datapoint),
  );
  const fresh = cases.filter((_, index) => there[index] !== true);
  const saved = fresh.length === 0 ? null : await save(room, scope, version, fresh, wish, how);
  const snapshot = saved?.snapshot ?? dataset;
  // After the version: when this is cut short, the next time finds them there already.
  const by = { at: room.clock(), id: scope.actor.id };
  const old = cases.filter((_, index) => there[index] === true);
  await decideCases(room.db, idsOf(fresh), 'added', by);
  await decideCases(room.db, idsOf(old), 'duplicate', by);
  const count = (of: Snapshot<'dataset'>): number => of.version.kernel.datapoints_count ?? 0;
  const added = count(snapshot) - count(dataset);
  return { snapshot, createdVersion: saved?.createdVersion ?? false, added, alreadyThere: cases.length - added };
}

function save(
  room: Room,
  scope: Scope,
  base: { fileId: string; versionId: string },
  cases: readonly Adding[],
  { versionName, versionDescription }: Pick<Decision, 'versionName' | 'versionDescription'>,
  how: string,
) {
  return room.files.datasets.edit(scope, {
    fileId: base.fileId,
    baseVersionId: base.versionId,
    expectedVersionId: base.versionId,
    removed: [],
    changed: [],
    added: cases.map(({ datapoint }) => ({ datapoint })),
    versionName,
    versionDescription: versionDescription ?? `${cases.length} ${cases.length === 1 ? 'case' : 'cases'} added ${how}`,
  });
}

const idsOf = (cases: readonly Adding[]): string[] => cases.map(({ row }) => row.id);

export function datapointOf({ datapoint }: CaseRow): Datapoint {
  return JSON.parse(datapoint ?? '{}') as Datapoint;
}
