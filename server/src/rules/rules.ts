import { AppError, type Scope } from '@whetstone/contract';
import type { NewRule, Rule, Rules } from './index.ts';
import { look, previewWish } from './look.ts';
import { clean, datasetOf, midnightOf, type Room, ruleOf, sampledBy } from './room.ts';
import { addRule, changeRule, countCases, findRule, listRules, type NewRuleRow, removeRule } from './store.ts';
import type { RuleRow } from './tables.ts';

const mostOfDataset = 50;
const previewDays = 7;
const previewed = 100;
const examplesShown = 3;

export const list =
  (room: Room): Rules['list'] =>
  async (scope, datasetId) => {
    const { file } = await room.files.get(scope, 'dataset', { id: clean(datasetId) });
    return presentAll(room, scope, await listRules(room.db, scope.workspaceId, file.id));
  };

export const create =
  (room: Room): Rules['create'] =>
  async (scope, datasetId, input) => {
    const { file } = await room.files.get(scope, 'dataset', { id: clean(datasetId) });
    if ((await listRules(room.db, scope.workspaceId, file.id)).length >= mostOfDataset)
      throw new AppError('invalid_input', `A dataset has ${mostOfDataset} rules at most.`);
    const at = room.clock();
    const since = input.since === null ? at : new Date(Math.min(input.since.getTime(), at.getTime()));
    const row: NewRuleRow = {
      id: room.newId('rule_'),
      workspace_id: scope.workspaceId,
      dataset_id: file.id,
      ...(await checked(room, scope, input)),
      began_at: since,
      cursor_at: since.getTime() * 1000,
      created_at: at,
      created_by: scope.actor.id,
      updated_at: at,
    };
    await addRule(room.db, row);
    return one(room, scope, file.id, row.id);
  };

export const update =
  (room: Room): Rules['update'] =>
  async (scope, datasetId, id, patch) => {
    const row = await ruleOf(room, scope, datasetId, id);
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Partial<NewRule>;
    const change = await checked(room, scope, { ...inputOf(row), ...given });
    // What came while it was off stays out: it looks from now on.
    const again =
      change.state === 'active' && row.state === 'inactive' ? { began_at: room.clock(), cursor_at: room.clock().getTime() * 1000 } : {};
    await changeRule(room.db, row.id, { ...change, ...again, trouble: null, updated_at: room.clock() });
    return one(room, scope, row.dataset_id, row.id);
  };

export const remove =
  (room: Room): Rules['delete'] =>
  async (scope, datasetId, id) =>
    removeRule(room.db, (await ruleOf(room, scope, datasetId, id)).id);

export const run =
  (room: Room): Rules['run'] =>
  async (scope, datasetId, id, signal) => {
    const row = await ruleOf(room, scope, datasetId, id);
    if (row.state !== 'active') throw new AppError('conflict', 'The rule is off. Turn it on first.');
    await look(room, row, signal);
    return one(room, scope, row.dataset_id, row.id);
  };

export const preview =
  (room: Room): Rules['preview'] =>
  async (scope, datasetId, which, signal) => {
    const dataset = await datasetOf(room, scope, datasetId);
    const correctionBy = await correctionOf(room, scope, which.correction);
    const fileId = await fileOf(room, scope, which.fileId);
    const from = new Date(room.clock().getTime() - previewDays * 86_400_000);
    const sampled = await sampledBy(room, scope, { ...which, fileId, filter: filterText(which.filter) });
    const lately = { ...sampled, filter: { ...sampled.filter, from } };
    const { monitored } = room.logs;
    const [logs, page] = await Promise.all([
      monitored.countPast(scope, lately),
      monitored.past(scope, lately, { at: from.getTime() * 1000, id: '' }, previewed),
    ]);
    const found = await room.curation.casesOf(
      scope,
      page.map(({ id }) => id),
      previewWish(which, correctionBy),
      signal,
    );
    const cases = found.flatMap(({ logId, made }) => (typeof made === 'string' ? [] : [{ logId, datapoint: made.datapoint }]));
    const reasons = new Map<string, number>();
    for (const { made } of found) if (typeof made === 'string') reasons.set(made, (reasons.get(made) ?? 0) + 1);
    const there = await room.files.datasets.casesThere(
      scope,
      { fileId: dataset.file.id, versionId: dataset.version.id },
      cases.map(({ datapoint }) => datapoint),
    );
    return {
      logs,
      lookedAt: page.length,
      cases: cases.length,
      alreadyThere: there.filter(Boolean).length,
      examples: cases.filter((_, index) => there[index] !== true).slice(0, examplesShown),
      skipped: [...reasons].map(([reason, count]) => ({ reason, count })),
    };
  };

const filterText = (filter: string | null): string | null => {
  const text = filter?.trim() ?? '';
  return text === '' ? null : text;
};

async function correctionOf(room: Room, scope: Scope, named: string | null): Promise<string | null> {
  if (named === null) return null;
  const ref = named.startsWith('ev_') ? { id: clean(named) } : { path: clean(named) };
  return (await room.files.get(scope, 'evaluator', ref)).file.id;
}

async function fileOf(room: Room, scope: Scope, id: string | null): Promise<string | null> {
  return id === null ? null : (await room.files.get(scope, null, { id: clean(id) })).file.id;
}

/** The columns of what was asked for. @throws AppError for a filter that is none, a file or an evaluator that is not there */
async function checked(room: Room, scope: Scope, input: Omit<NewRule, 'since'>) {
  const filter = filterText(input.filter);
  const fileId = await fileOf(room, scope, input.fileId);
  await sampledBy(room, scope, { fileId, filter, rate: input.rate });
  return {
    name: clean(input.name),
    file_id: fileId,
    filter: filter === null ? null : clean(filter),
    rate: input.rate,
    most_a_day: input.mostADay,
    target: input.target,
    correction_id: await correctionOf(room, scope, input.correction),
    target_key: clean(input.targetKey),
    tags: JSON.stringify(input.tags.map(clean)),
    split: input.split === null ? null : clean(input.split),
    mode: input.mode,
    batch: input.batch,
    state: input.state,
  };
}

function inputOf(row: RuleRow): Omit<NewRule, 'since'> {
  return {
    name: row.name,
    fileId: row.file_id,
    filter: row.filter,
    rate: row.rate,
    mostADay: row.most_a_day,
    target: row.target,
    correction: row.correction_id,
    targetKey: row.target_key,
    tags: row.tags,
    split: row.split,
    mode: row.mode,
    batch: row.batch,
    state: row.state,
  };
}

async function one(room: Room, scope: Scope, datasetId: string, id: string): Promise<Rule> {
  const row = await findRule(room.db, scope.workspaceId, datasetId, id);
  const [rule] = await presentAll(room, scope, row === undefined ? [] : [row]);
  if (rule === undefined) throw new AppError('conflict', 'The rule was deleted at the same time.');
  return rule;
}

async function presentAll(room: Room, scope: Scope, rows: readonly RuleRow[]): Promise<Rule[]> {
  const counts = await countCases(
    room.db,
    rows.map(({ id }) => id),
    midnightOf(room.clock()),
  );
  const fileIds = [...new Set(rows.flatMap(({ file_id }) => (file_id === null ? [] : [file_id])))];
  const files = new Map(await Promise.all(fileIds.map(async (id) => [id, await room.files.find(scope, null, { id })] as const)));
  return rows.map((row) => {
    const mine = counts.filter(({ rule_id }) => rule_id === row.id);
    const of = (state: string): number => mine.find((each) => each.state === state)?.n ?? 0;
    const today = mine.filter(({ state }) => state !== 'duplicate').reduce((sum, each) => sum + each.today, 0);
    return {
      row,
      file: row.file_id === null ? null : (files.get(row.file_id) ?? null),
      counts: { waiting: of('waiting'), added: of('added'), dismissed: of('dismissed'), duplicate: of('duplicate'), today },
    };
  });
}
