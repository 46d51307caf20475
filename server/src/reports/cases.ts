import type { ReportCases, Scope } from '@whetstone/contract';
import { changeOf, differenceOf, judgeOf, lookedAt, type Prepared, prepareReport } from '@whetstone/domain';
import { presentCases } from './case-payload.ts';
import type { Room } from './create-reports.ts';
import { factsOf } from './facts.ts';
import type { CasesQuery, Reports } from './index.ts';
import { load, type Loaded } from './load.ts';
import { sliceMembers } from './slice-filter.ts';
import { datapointsContaining } from './store.ts';

/** Case by case: what the evaluators and runs make of each is known from the columns; what was said is read for one page. */

export interface CaseFact {
  at: number;
  difference: number | null;
  change: ReportCases['records'][number]['change'];
  failed: boolean;
  missing: boolean;
  flaky: boolean;
  costUsd: number | null;
  latencyMs: number | null;
}

export const caseList =
  (room: Room): Reports['cases'] =>
  async (scope, id, query) => {
    const loaded = await load(room, scope, id, { baseline: query.baseline, runIds: query.runIds });
    const prepared = prepareReport(loaded.input);
    const judge = judgeOf(prepared, query.evaluator ?? null);
    const other = lookedAt(prepared, query.runIds?.find((runId) => runId !== prepared.baseline?.run.run_id) ?? null);
    const all = factsOfCases(prepared, judge, other);
    const chosen = await filtered(room, scope, loaded, prepared, all, query, other?.run.run_id ?? prepared.baseline?.run.run_id ?? null);
    const sorted = sortedBy(chosen, query.sort);
    const shown = sorted.slice((query.page - 1) * query.size, query.page * query.size);
    return {
      records: await presentCases(room, scope, loaded, prepared, judge, shown),
      page: query.page,
      size: query.size,
      total: chosen.length,
      counts: countsOf(all),
      run_id: other?.run.run_id ?? null,
      baseline_run_id: prepared.baseline?.run.run_id ?? null,
      evaluator_version_id: judge?.judge.versionId ?? null,
    };
  };

/** In the order of the dataset: cases of the runs that are shown. */
export function factsOfCases(prepared: Prepared, judge: Prepared['primary'], other: Prepared['baseline']): CaseFact[] {
  const { runs, baseline, input } = prepared;
  const readings = judge === null ? [] : runs.map(({ run }) => prepared.reading(run, judge));
  const [a, b] = judge === null || baseline === null || other === null ? [] : prepared.sides(judge, baseline.run, other.run);
  const facts = input.cases.map((_, at): CaseFact => {
    const difference = a && b ? differenceOf(a.repeats[at]!, b.repeats[at]!) : null;
    const way = a && b ? changeOf(a.repeats[at]!, b.repeats[at]!, judge?.scale.higherIsBetter ?? true) : null;
    return {
      at,
      difference,
      change: way === null ? 'unknown' : way === 0 ? 'same' : way > 0 ? 'better' : 'worse',
      failed: false,
      missing: readings.some(
        ({ member, repeats, neutralOnly }) => member[at] === 1 && neutralOnly[at] === 0 && !repeats[at]!.some((value) => value !== null),
      ),
      flaky: judge?.scale.passFail === true && readings.some(({ repeats }) => disagree(repeats[at]!)),
      costUsd: null,
      latencyMs: null,
    };
  });
  const there = new Uint8Array(facts.length);
  for (const { run } of runs) {
    for (const [at, member] of (run.members ?? new Uint8Array(facts.length).fill(1)).entries()) there[at]! |= member;
    for (const log of run.logs) {
      there[log.at] = 1;
      const fact = facts[log.at]!;
      fact.failed ||= log.failed || log.judgments.some((judgment) => judgment?.failed === true);
      if (log.costUsd !== null) fact.costUsd = (fact.costUsd ?? 0) + log.costUsd;
      if (log.latencyMs !== null) fact.latencyMs = Math.max(fact.latencyMs ?? 0, log.latencyMs);
    }
  }
  return facts.filter(({ at }) => there[at] === 1);
}

function disagree(repeats: readonly (number | null)[]): boolean {
  const values = repeats.filter((value) => value !== null);
  return values.some((value) => value !== values[0]);
}

function countsOf(all: readonly CaseFact[]): ReportCases['counts'] {
  const counts = { all: all.length, better: 0, worse: 0, same: 0, unknown: 0, failed: 0, missing: 0 };
  for (const { change, failed, missing } of all) {
    counts[change] += 1;
    if (failed) counts.failed += 1;
    if (missing) counts.missing += 1;
  }
  return counts;
}

async function filtered(
  room: Room,
  scope: Scope,
  loaded: Loaded,
  prepared: Prepared,
  all: readonly CaseFact[],
  query: CasesQuery,
  runId: string | null,
): Promise<CaseFact[]> {
  const { flipped, failed, missing, flaky, search, slices, datapointIds } = query;
  const named = datapointIds?.length ? new Set(datapointIds.map((each) => loaded.positions.get(each))) : null;
  const sliced = slices?.length ? sliceMembers(slices, await factsOf(room, scope, loaded, runId)) : null;
  const said = search ? await containing(room, scope, loaded, prepared, search) : null;
  return all.filter(
    (fact) =>
      (!flipped || (flipped === 'any' ? fact.change === 'better' || fact.change === 'worse' : fact.change === flipped)) &&
      (!failed || fact.failed) &&
      (!missing || fact.missing) &&
      (!flaky || fact.flaky) &&
      (named === null || named.has(fact.at)) &&
      (sliced === null || sliced.has(fact.at)) &&
      (said === null || said.has(fact.at)),
  );
}

/** Cases that say the text, or an answer of the runs that are shown does. */
async function containing(
  room: Room,
  scope: Scope,
  { input, columns, rows, positions }: Loaded,
  { runs }: Prepared,
  text: string,
): Promise<Set<number>> {
  const own = [...new Set(runs.flatMap(({ run }) => rows.get(run.run_id) ?? []))];
  const places = own.map((i) => ({ id: columns.ids[i]!, at: new Date(columns.atMs[i]!) }));
  const [logs, datapoints] = await Promise.all([
    room.logs.runs.matching(scope, places, text),
    datapointsContaining(room.db, scope.workspaceId, input.cases, text),
  ]);
  const found = new Set(datapoints.flatMap((id) => positions.get(id) ?? []));
  for (const i of own) {
    if (!logs.has(columns.ids[i]!)) continue;
    found.add(positions.get(columns.datapointIds[i] === '' ? columns.ids[i]! : columns.datapointIds[i]!)!);
  }
  return found;
}

/** What is unknown comes last, either way; equal ones stay in the order of the dataset. */
function sortedBy(facts: readonly CaseFact[], sort: CasesQuery['sort']): CaseFact[] {
  if (sort === 'position') return [...facts];
  const down = sort.startsWith('-');
  const key = ({ difference: 'difference', cost: 'costUsd', latency: 'latencyMs' } as const)[
    sort.replace('-', '') as 'difference' | 'cost' | 'latency'
  ];
  return facts.toSorted((a, b) => {
    const [x, y] = [a[key], b[key]];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return down ? y - x : x - y;
  });
}
