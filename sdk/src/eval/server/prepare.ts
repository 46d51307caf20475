import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WhetstoneError } from '../../client/errors.ts';
import { toCases } from '../load/data.ts';
import { type Case, CannotMeasure, type Plan, type Scorer } from '../plan.ts';
import { type Connection, find, type Version } from './connect.ts';

/** What an evaluation needs in the workspace: its cases, its version, its evaluators. Saving the same again makes nothing new. */

export interface PreparedCases {
  versionId: string;
  cases: Case[];
  /** Ids of the datapoints, by key of the case. */
  datapoints: Map<string, string>;
  notes: string[];
}

const pageSize = 100;

export async function prepareCases(connection: Connection, plan: Plan): Promise<PreparedCases> {
  const { api } = connection;
  if (plan.dataset !== null) {
    const { fileId, versionId } = await find(connection, 'datasets', plan.dataset);
    return { versionId, ...(await casesOf(connection, fileId, versionId)), notes: [] };
  }
  const given = await plan.cases();
  if (given.length === 0) throw new CannotMeasure('It has no cases.');
  const saved = await api.datasets.upsert({
    path: `${plan.path}/cases`,
    datapoints: given.map(({ datapoint }) => withoutNulls(datapoint)),
    action: 'set',
  } as never);
  const { id, version_id: versionId } = saved as unknown as { id: string; version_id: string };
  const { cases, datapoints } = await casesOf(connection, id, versionId);
  const own = new Map(given.map((one) => [one.key, one]));
  const twice = given.length - cases.length;
  // The dataset has each case once; what only this file knows of it (its group, outputs) is kept.
  return {
    versionId,
    cases: cases.map((one) => own.get(one.key) ?? one),
    datapoints,
    notes: twice > 0 ? [`${twice} cases are there twice; a dataset has each once. Make their inputs differ to have both.`] : [],
  };
}

/** The datapoints of a version, each once. */
export async function casesOf(
  { api }: Connection,
  fileId: string,
  versionId: string,
): Promise<{ cases: Case[]; datapoints: Map<string, string> }> {
  const datapoints = new Map<string, string>();
  const cases: Case[] = [];
  for (let page = 1; ; page += 1) {
    const { records } = await api.datasets.listDatapoints({ id: fileId, version_id: versionId, page, size: pageSize });
    for (const record of records) {
      const { id, inputs, messages, target } = record;
      const { metadata } = record as { metadata?: Record<string, unknown> | null };
      const [one] = toCases([{ inputs, messages, target, group: groupOf(metadata) }]);
      if (one === undefined || datapoints.has(one.key)) continue;
      datapoints.set(one.key, id);
      cases.push(one);
    }
    if (records.length < pageSize) return { cases, datapoints };
  }
}

/** As the report of the server reads it. */
function groupOf(metadata: Record<string, unknown> | null | undefined): string | null {
  const group = metadata?.['group'];
  return typeof group === 'string' && group !== '' ? group : null;
}

export interface PreparedTask extends Version {
  /** The server makes the outputs. */
  orchestrated: boolean;
}

export async function prepareTask(connection: Connection, plan: Plan): Promise<PreparedTask> {
  const { api } = connection;
  const { task } = plan;
  if (task.kind === 'prompt') return { ...(await find(connection, 'prompts', task)), orchestrated: true };
  if (task.kind === 'kernel') {
    const saved = await api.prompts.upsert({ ...task.kernel, path: task.path ?? `${plan.path}/prompt` });
    return { fileId: saved.id, path: saved.path, versionId: saved.version_id, orchestrated: true };
  }
  const digest = createHash('sha256');
  for (const file of plan.sources) digest.update(readFileSync(file)).update('\0');
  const saved = await api.flows.upsert({
    path: `${plan.path}/task`,
    attributes: { evaluation: plan.name, task: task.kind, source: digest.digest('hex').slice(0, 16) },
  });
  return { fileId: saved.id, path: saved.path, versionId: saved.version_id, orchestrated: false };
}

export interface PreparedScorer {
  scorer: Scorer;
  /** Null: a function whose results will say what it returns. */
  version: Version | null;
}

export async function prepareScorers(connection: Connection, plan: Plan): Promise<PreparedScorer[]> {
  const prepared: PreparedScorer[] = [];
  for (const scorer of plan.scorers) {
    const { how, spec } = scorer;
    if (how.kind === 'evaluator') {
      const { spec: found, ...version } = await find(connection, 'evaluators', how);
      prepared.push({ scorer: { ...scorer, spec: found }, version });
    } else prepared.push({ scorer, version: spec === null ? null : await saveScorer(connection, plan, scorer) });
  }
  return prepared;
}

export async function saveScorer({ api }: Connection, plan: Plan, { name, spec }: Scorer): Promise<Version> {
  if (spec === null) throw new CannotMeasure(`What \`${name}\` returns is not known.`);
  const saved = await api.evaluators.upsert({ path: `${plan.path}/${name.replaceAll('/', '-')}`, spec });
  const { id, path, version_id: versionId } = saved as unknown as { id: string; path: string; version_id: string };
  return { fileId: id, path, versionId };
}

/** The evaluation of that name for the file: found, or made. Of its evaluators only the versions of now judge. */
export async function prepareEvaluation(
  connection: Connection,
  name: string,
  fileId: string,
  evaluators: readonly { version: Version; orchestrated: boolean }[],
): Promise<string> {
  const { api } = connection;
  const references = evaluators.map(({ version, orchestrated }) => ({ version_id: version.versionId, orchestrated }));
  try {
    return (await api.evaluations.create({ name, file: { id: fileId }, evaluators: references })).id;
  } catch (error) {
    if (!(error instanceof WhetstoneError) || error.status !== 409) throw error;
  }
  const found = await findEvaluation(connection, name, fileId);
  if (found === null) throw new CannotMeasure(`The evaluation “${name}” disappeared meanwhile; run again.`);
  const there = new Set(found.evaluators.map(({ version }) => version.version_id));
  const missing = references.filter(({ version_id: id }) => !there.has(id));
  if (missing.length > 0) await api.evaluations.addEvaluators({ id: found.id, evaluators: missing });
  for (const { version: old } of found.evaluators) {
    const now = evaluators.find(({ version }) => version.fileId === old.id);
    if (now !== undefined && now.version.versionId !== old.version_id)
      await api.evaluations.removeEvaluator({ id: found.id, evaluator_version_id: old.version_id });
  }
  return found.id;
}

export type FoundEvaluation = Awaited<ReturnType<Connection['api']['evaluations']['get']>>;

/** @param fileId null: of any file */
export async function findEvaluation({ api }: Connection, name: string, fileId: string | null): Promise<FoundEvaluation | null> {
  const matches: FoundEvaluation[] = [];
  for (let page = 1; ; page += 1) {
    const { records } = await api.evaluations.list({ page, size: pageSize, ...(fileId === null ? {} : { file_id: fileId }) });
    matches.push(...records.filter((one) => one.name === name || (fileId === null && one.id === name)));
    if (records.length < pageSize) break;
  }
  const [first, second] = matches;
  if (second !== undefined && fileId === null)
    throw new CannotMeasure(`Several files have an evaluation “${name}”: name it by its id, ${matches.map(({ id }) => id).join(' or ')}.`);
  return first ?? null;
}

function withoutNulls(given: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}
