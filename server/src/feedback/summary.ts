import { AppError, type FeedbackSummary, type Scope } from '@whetstone/contract';
import { clusteredMean, clusteredWilson, proportion, reasons } from '@whetstone/statistics';
import type { Counted, CountedKind } from '../logs/index.ts';
import type { FeedbackDeps, Kind, SummaryQuery } from './index.ts';
import { humanKinds, isCorrection, valencesOf } from './kinds.ts';

type Summary = FeedbackSummary['kinds'][number];
type Measured = Summary['whole']['rate'];

const day = 86_400_000;
const defaultDays = 30;
const mostKinds = 20;
const mostVersions = 20;

/** Feedback of a file or the workspace: how many logs have it and what it says, over time, by version and environment. */
export async function summary(deps: FeedbackDeps, scope: Scope, query: SummaryQuery): Promise<FeedbackSummary> {
  const to = query.to ?? deps.clock();
  const from = query.from ?? new Date(to.getTime() - defaultDays * day);
  if (from >= to) throw new AppError('invalid_input', '`start_date` has to lie before `end_date`.');
  const seconds = Math.max(1, Math.ceil((to.getTime() - from.getTime()) / 1_000 / query.buckets));
  const environments = await deps.files.environments.list(scope);
  const named =
    query.environment === null ? null : environments.find(({ id, name }) => id === query.environment || name === query.environment);
  if (named === undefined) throw new AppError('not_found', `The environment \`${query.environment}\` does not exist.`);
  const all = await humanKinds(deps.files, scope);
  const kinds = all.toSorted((a, b) => Number(isDefault(b)) - Number(isDefault(a))).slice(0, mostKinds);
  const counts = await deps.logs.feedback.counted(
    scope,
    { fileId: query.fileId, environmentId: named?.id ?? null, from, to, seconds },
    kinds.map(countedOf),
  );
  const versions = await deps.files.versionsById(scope, [...new Set(counts.values.flatMap(({ versionId }) => versionId ?? []))]);
  const names = new Map(environments.map(({ id, name }) => [id, name]));
  return {
    start: from.toISOString(),
    end: to.toISOString(),
    bucket_seconds: seconds,
    logs: counts.logs,
    kinds: kinds.map((kind): Summary => {
      const counted = countedOf(kind);
      const [rates, values] = [counts.rates, counts.values].map((rows) => rows.filter((row) => row.evaluatorId === kind.id)) as [
        Counted[],
        Counted[],
      ];
      const both = (at: (row: Counted) => boolean) => ({
        rate: shareOf(rates.filter(at)),
        value: valueOf(values.filter(at), counted),
      });
      const valence = new Map((kind.spec.options ?? []).map((option) => [option.name, option.valence ?? null]));
      const starts = [...new Set(rates.flatMap(({ bucket }) => bucket ?? []))].toSorted((a, b) => a - b);
      return {
        evaluator: { id: kind.id, path: kind.path, name: kind.name, return_type: kind.spec.return_type },
        measure: counted.measure,
        whole: {
          ...both(isWhole),
          options: counts.options
            .filter(({ evaluatorId }) => evaluatorId === kind.id)
            .map(({ name, logs }) => ({ name, valence: valence.get(name) ?? null, logs })),
        },
        buckets: starts.map((bucket) => ({
          start: new Date(from.getTime() + bucket * seconds * 1_000).toISOString(),
          ...both((row) => row.bucket === bucket),
        })),
        versions: mostLogs(rates, 'versionId').map((id) => ({
          version_id: id,
          name: versions.get(id)?.version.name ?? null,
          content_hash: versions.get(id)?.version.contentHash ?? null,
          ...both((row) => row.versionId === id),
        })),
        environments: mostLogs(rates, 'environmentId').map((id) => ({
          id,
          name: names.get(id) ?? '',
          ...both((row) => row.environmentId === id),
        })),
      };
    }),
  };
}

const isDefault = ({ path }: Kind): boolean => path.startsWith('feedback/');
const isWhole = ({ bucket, versionId, environmentId }: Counted): boolean => bucket === null && versionId === null && environmentId === null;

function countedOf(kind: Kind): CountedKind {
  const { positive, negative } = valencesOf(kind.spec);
  const { return_type: returnType } = kind.spec;
  const valued = positive.length > 0 || negative.length > 0;
  const measure = isCorrection(kind) ? 'edited' : returnType === 'number' ? 'mean' : valued ? 'share' : 'none';
  return { evaluatorId: kind.id, returnType, measure, positive, negative };
}

/** Those with most logs. What names none is no version and no environment. */
function mostLogs(rates: readonly Counted[], by: 'versionId' | 'environmentId'): string[] {
  const logs = new Map<string, number>();
  for (const row of rates) if (row[by]) logs.set(row[by], (logs.get(row[by]) ?? 0) + row.size * row.count);
  return [...logs]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, mostVersions)
    .map(([id]) => id);
}

interface Sizes {
  n: number;
  units: number;
  clusters: { sums: number[]; sizes: number[]; counts: number[] };
}

function sizesOf(rows: readonly Counted[]): Sizes {
  return {
    n: rows.reduce((sum, { size, count }) => sum + size * count, 0),
    units: rows.reduce((sum, { count }) => sum + count, 0),
    clusters: { sums: rows.map(({ sum }) => sum), sizes: rows.map(({ size }) => size), counts: rows.map(({ count }) => count) },
  };
}

const nothing = (n: number, units: number): Measured => ({ n, units, estimate: null, lower: null, upper: null, reason: reasons.no_data });

/** Of single logs exact or Wilson's; of users with several by what the users differ. */
function shareOf(rows: readonly Counted[]): Measured {
  const { n, units, clusters } = sizesOf(rows);
  if (n === 0) return nothing(n, units);
  const yes = rows.reduce((sum, row) => sum + row.sum * row.count, 0);
  const { estimate, lower, upper } =
    units === n && Number.isInteger(yes) ? proportion(yes, n, 0.95) : clusteredWilson(clusters, 0.95, 'CR2');
  return { n, units, estimate, lower, upper, reason: null };
}

function valueOf(rows: readonly Counted[], { measure }: CountedKind): Measured {
  if (measure === 'share') return shareOf(rows);
  const { n, units, clusters } = sizesOf(rows);
  if (n === 0 || measure === 'none') return nothing(n, units);
  const { estimate, lower, upper, reason, se } = clusteredMean(clusters, 0.95);
  if (se === 0) return { n, units, estimate, lower: null, upper: null, reason: reasons.no_spread };
  const within = (limit: number | null) => (limit === null || measure !== 'edited' ? limit : Math.min(1, Math.max(0, limit)));
  return { n, units, estimate, lower: within(lower), upper: within(upper), reason: reason == null ? null : reasons[reason] };
}
