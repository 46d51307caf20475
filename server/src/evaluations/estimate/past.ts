import type { EvaluatorSpec, PromptKernel, RunOverride, Scope } from '@whetstone/contract';
import type { Snapshot } from '../../files/index.ts';
import type { LogFilter, StoredLog } from '../../logs/index.ts';
import type { Room } from '../context.ts';
import { moneyOf, type Money } from './money.ts';

/** What is known of a call from earlier ones. */
export interface Past {
  /** Null: unknown, and `basis` says why. */
  each: Money | null;
  latencyMs: number | null;
  /** Model calls of one judgment. */
  calls: number;
  basis: string;
}

const looked = 200;

export async function pastOfVersion(room: Room, scope: Scope, version: Snapshot, override: RunOverride | null): Promise<Past> {
  const name = `${version.file.path} ${version.version.name ?? version.version.contentHash.slice(0, 7)}`;
  if (version.kind === 'tool') {
    const past = await recent(room, scope, { versionIds: [version.version.id] });
    return { each: { low: 0, mid: 0, high: 0 }, latencyMs: latencyOf(past), calls: 1, basis: `${name}: a tool calls no model.` };
  }
  const { model } = version.version.kernel as PromptKernel;
  const its = override?.model ?? model;
  const { id: fileId } = version.file;
  const places: { filter: LogFilter; of: string; alike: boolean }[] = [
    { filter: { fileIds: [fileId], models: [its] }, of: `other versions of it with \`${its}\``, alike: false },
    { filter: { models: [its] }, of: `other calls of \`${its}\`, of other lengths`, alike: false },
  ];
  if (override === null) places.unshift({ filter: { versionIds: [version.version.id] }, of: 'it', alike: true });
  for (const { filter, of, alike } of places) {
    const past = await recent(room, scope, filter);
    const costs = past.flatMap(({ costUsd }) => costUsd ?? []);
    const each = moneyOf(costs, alike);
    if (each !== null)
      return { each, latencyMs: latencyOf(past), calls: 1, basis: `${name}: from ${costs.length} earlier calls of ${of}.` };
    if (alike && past.length > 0)
      return {
        each: null,
        latencyMs: latencyOf(past),
        calls: 1,
        basis: `${name}: the price of \`${its}\` is not known; enter it in the settings.`,
      };
  }
  const why = `${name}: nothing was ever called with \`${its}\` whose cost is known. Run it once in the playground.`;
  return { each: null, latencyMs: null, calls: 1, basis: why };
}

async function recent(room: Room, scope: Scope, filter: LogFilter): Promise<StoredLog[]> {
  const page = { page: 1, size: looked, payload: false, count: false };
  const { records } = await room.logs.list(scope, { ...filter, statuses: ['ok'] }, page);
  return records;
}

function latencyOf(past: readonly StoredLog[]): number | null {
  const known = past.flatMap(({ latencyMs }) => latencyMs ?? []);
  return known.length === 0 ? null : known.reduce((sum, ms) => sum + ms, 0) / known.length;
}

const free: Past = { each: { low: 0, mid: 0, high: 0 }, latencyMs: 0, calls: 0, basis: '' };

export async function pastOfJudge(room: Room, scope: Scope, judge: Snapshot<'evaluator'>): Promise<Past> {
  const calls = callsOf(judge.version.kernel.spec);
  if (calls === 0) return free;
  const page = { page: 1, size: looked, payload: true, count: false };
  const { records } = await room.logs.judgments(scope, { evaluatorId: judge.file.id }, page);
  const own = records.filter(({ evaluatorVersionId }) => evaluatorVersionId === judge.version.id);
  const costs = own.flatMap(({ metadata }) => (typeof metadata?.['cost_usd'] === 'number' ? [metadata['cost_usd']] : []));
  const each = moneyOf(costs, true);
  const name = judge.file.path;
  if (each !== null) return { each, latencyMs: null, calls, basis: `${name}: from ${costs.length} earlier judgments of it.` };
  return {
    each: null,
    latencyMs: null,
    calls,
    basis: `${name}: it has not judged yet with a model whose price is known. Try it on a log.`,
  };
}

/** Model calls of one judgment; of code nobody knows how many it makes, at least one where it may make any. */
function callsOf(spec: EvaluatorSpec): number {
  // A pair is asked about in both orders.
  if (spec.evaluator_type === 'llm') return (spec.votes ?? 1) * (spec.pairwise === true ? 2 : 1);
  if (spec.evaluator_type === 'python') return /\bask\s*\(/.test(spec.code) ? 1 : 0;
  return spec.evaluator_type === 'external' && (spec.library?.model != null || spec.library?.embedding_model != null) ? 1 : 0;
}
