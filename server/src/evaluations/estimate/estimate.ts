import type { EstimateResponse, Scope } from '@whetstone/contract';
import { isPairwise } from '@whetstone/domain';
import { versionOf } from '../../files/index.ts';
import type { Snapshot } from '../../files/index.ts';
import { evaluationOf, type Room } from '../context.ts';
import type { Evaluations, NewEstimate } from '../index.ts';
import { contentKey } from '../orchestrate/content-key.ts';
import { baselineOf } from '../orchestrate/store-pairs.ts';
import { outputsOf } from '../orchestrate/store.ts';
import { evaluatorsOf } from '../store.ts';
import { roundUsd, sumOf, type Money } from './money.ts';
import { pastOfJudge, pastOfVersion, type Past } from './past.ts';

const datapointsAtOnce = 500;
/** As a run begins; it may go further. */
const callsAtOnce = 32;

export const estimate =
  (room: Room): Evaluations['estimate'] =>
  async (scope, id, input): Promise<EstimateResponse> => {
    const dataset = await versionOf(room.files, scope, 'dataset', input.dataset, 'dataset');
    const versions: Snapshot[] = [];
    for (const ref of input.versions) versions.push(await versionOf(room.files, scope, null, ref, 'versions'));
    const judges = await judgesOf(room, scope, id, input);
    const ids = await room.files.datasets.datapointIds(scope, dataset.version.id);
    const each = [];
    for (const version of versions) each.push(await ofVersion(room, scope, input, version, ids));
    const logs = each.reduce((sum, { logs: own }) => sum + own, 0);
    const fromCache = each.reduce((sum, { fromCache: own }) => sum + own, 0);
    const judged = await Promise.all(judges.map((judge) => pastOfJudge(room, scope, judge)));
    // A log that is taken over whole brings its judgments; a copy does not. Nothing is promised of either.
    const toJudge = logs - fromCache;
    const first = await isFirst(room, scope, id);
    const pairs = toJudge - (first ? (each[0]?.logs ?? 0) - (each[0]?.fromCache ?? 0) : 0);
    const toAsk = judges.map(({ version }) => (isPairwise(version.kernel.spec) ? pairs : toJudge));
    const judging = judged.map((past, at) => scaled(past, toAsk[at] ?? 0));
    const seconds = each.map(({ seconds: own }) => own);
    return {
      cases: ids.length,
      logs,
      from_cache: fromCache,
      judge_calls: Math.round(judged.reduce((sum, past, at) => sum + past.calls * (toAsk[at] ?? 0), 0)),
      cost_usd: sumOf([...each.map(({ cost }) => cost), ...judging]),
      seconds: seconds.some((own) => own === null) ? null : Math.max(0, ...seconds.map((own) => own ?? 0)),
      basis: [...new Set([...each.map(({ basis }) => basis), ...judged.flatMap(({ basis }) => (basis === '' ? [] : [basis]))])],
      versions: each.map(({ version, logs: own, fromCache: taken, cost, seconds: its }) => ({
        version_id: version.version.id,
        logs: own,
        from_cache: taken,
        cost_usd: cost,
        seconds: its,
      })),
    };
  };

/** Whether the first of the versions would be what the others are compared with. */
async function isFirst(room: Room, scope: Scope, id: string | null): Promise<boolean> {
  if (id === null) return true;
  return (await baselineOf(room.db, (await evaluationOf(room, scope, id)).id)) === null;
}

async function judgesOf(room: Room, scope: Scope, id: string | null, input: NewEstimate): Promise<Snapshot<'evaluator'>[]> {
  const judges = new Map<string, Snapshot<'evaluator'>>();
  for (const ref of input.evaluators) {
    const judge = await versionOf(room.files, scope, 'evaluator', ref, 'evaluators');
    judges.set(judge.version.id, judge);
  }
  if (id !== null) {
    const rows = await evaluatorsOf(room.db, [(await evaluationOf(room, scope, id)).id]);
    const orchestrated = rows.filter((row) => row.orchestrated).map((row) => row.evaluator_version_id);
    for (const found of (await room.files.versionsById(scope, orchestrated)).values())
      if (found.kind === 'evaluator') judges.set(found.version.id, found as Snapshot<'evaluator'>);
  }
  return [...judges.values()].filter(({ version }) => room.judges.runs(version.kernel.spec));
}

interface OfVersion {
  version: Snapshot;
  logs: number;
  fromCache: number;
  cost: Money | null;
  seconds: number | null;
  basis: string;
}

async function ofVersion(room: Room, scope: Scope, input: NewEstimate, version: Snapshot, ids: readonly string[]): Promise<OfVersion> {
  const logs = ids.length * input.repetitions;
  const fromCache = input.cache && input.override === null ? await cachedOf(room, scope, version, ids, input.repetitions) : 0;
  const past = await pastOfVersion(room, scope, version, input.override);
  const calls = logs - fromCache;
  return {
    version,
    logs,
    fromCache,
    cost: scaled(past, calls),
    seconds: past.latencyMs === null ? (calls === 0 ? 0 : null) : Math.ceil((Math.ceil(calls / callsAtOnce) * past.latencyMs) / 100) / 10,
    basis: past.basis,
  };
}

function scaled({ each }: Pick<Past, 'each'>, times: number): Money | null {
  if (times === 0) return { low: 0, mid: 0, high: 0 };
  return each === null ? null : { low: roundUsd(each.low * times), mid: roundUsd(each.mid * times), high: roundUsd(each.high * times) };
}

/** How many of its outputs earlier runs have. */
async function cachedOf(room: Room, scope: Scope, version: Snapshot, ids: readonly string[], repetitions: number): Promise<number> {
  let found = 0;
  for (let i = 0; i < ids.length; i += datapointsAtOnce) {
    const datapoints = await room.files.datasets.datapointsById(scope, ids.slice(i, i + datapointsAtOnce));
    const keys = [...datapoints.values()].flatMap((datapoint) =>
      Array.from({ length: repetitions }, (_, repetition) => contentKey(scope, version, datapoint, repetition)),
    );
    const known = keys.filter((key) => key !== null);
    const there = await outputsOf(room.db, scope.workspaceId, known);
    found += known.filter((key) => there.has(key)).length;
  }
  return found;
}
