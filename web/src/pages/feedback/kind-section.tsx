import type { FeedbackSummary } from '@whetstone/contract';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatCount, formatShare } from '../../kit/format.ts';
import { Tip } from '../../kit/tip.tsx';
import { BandChart } from '../../parts/chart/band-chart.tsx';
import type { PlotMark } from '../../parts/chart/plot.tsx';
import { useLinks } from '../../parts/links.ts';
import { judgedTerm, term } from '../../parts/logs/filter-text.ts';
import { Breakdown } from './breakdown.tsx';
import { drawn, evenly, filterOf, formatValue, type Kind, type Measured, measureWord, sampleOf, scaleOf } from './measure.ts';

export const bucketCount = 42;

/** One kind: what it amounts to, over time within its interval, by version and environment; each point leads to its logs. */
export function KindSection({
  summary,
  kind,
  fileId,
  environment,
  marks,
}: {
  summary: FeedbackSummary;
  kind: Kind;
  fileId: string | null;
  environment: string | undefined;
  marks: PlotMark[];
}): ReactNode {
  const links = useLinks();
  const navigate = useNavigate();
  const { filter, bad } = filterOf(kind);
  const range = scaleOf(kind);
  const buckets = evenly(summary, kind, bucketCount);
  const whole = drawn(kind, kind.whole);
  const logsOf = (q: string, from = summary.start, to = summary.end) => {
    const search = { q: [q, environment && term('environment', environment)].filter(Boolean).join(' '), from, to };
    return fileId === null ? links.logs(search) : links.fileLogs(fileId, search);
  };
  const open = (at: number) => {
    const from = buckets[at]?.start ?? summary.start;
    void navigate(logsOf(filter, from, new Date(Date.parse(from) + summary.bucket_seconds * 1000).toISOString()));
  };
  return (
    <section aria-label={kind.evaluator.path}>
      <h3 className="mb-3 flex items-baseline gap-3 text-read font-semibold">
        <Link {...links.file(kind.evaluator.id)} className="capitalize hover:underline">
          {kind.evaluator.name}
        </Link>
        {kind.evaluator.path !== `feedback/${kind.evaluator.name}` && (
          <span className="truncate text-meta font-normal text-ink-3">{kind.evaluator.path}</span>
        )}
      </h3>
      <div className="grid gap-x-8 gap-y-4 md:grid-cols-[15rem_1fr]">
        <div className="min-w-0">
          <div className="text-ink-2">{measureWord(kind)}</div>
          <div className="text-figure font-semibold tracking-tight tabular-nums">{formatValue(shown(kind), whole.estimate)}</div>
          <Interval of={whole} kind={shown(kind)} />
          <dl className="mt-3 flex flex-col gap-1 text-meta">
            <div className="flex gap-1.5">
              <dt className="text-ink-3">answered for</dt>
              <dd>
                <Tip label={`${sampleOf(kind.whole.rate, 'log')} in this time`}>
                  <span className="num">
                    {kind.whole.rate.estimate === null ? '–' : `${formatShare(kind.whole.rate.estimate)} of logs`}
                  </span>
                </Tip>
              </dd>
            </div>
            <Options kind={kind} logsOf={(q) => logsOf(q)} />
          </dl>
          <Link {...logsOf(filter)} className="mt-2 inline-block text-meta text-accent-ink hover:underline">
            {bad ? 'Logs that were found bad' : 'The logs behind this'}
          </Link>
        </div>
        <BandChart
          series={{
            start: summary.start,
            bucket_seconds: summary.bucket_seconds,
            buckets: buckets.map((one) => ({ start: one.start, measured: drawn(kind, one) })),
          }}
          range={range}
          marks={marks}
          label={`${measureWord(kind)}, ${kind.evaluator.name}, over time`}
          format={(value) => formatValue(shown(kind), value)}
          tell={(at) => {
            const measured = buckets[at] && drawn(kind, buckets[at]);
            return measured === undefined || measured.n === 0 ? '' : sampleOf(measured, kind.measure === 'none' ? 'log' : 'answer');
          }}
          opens={bad ? 'Click for the logs that were found bad' : 'Click for the logs'}
          onOpen={open}
        />
      </div>
      {kind.versions.length + kind.environments.length > 0 && (
        <details className="mt-3" open={fileId !== null}>
          <summary className="cursor-pointer text-ink-2 select-none hover:text-ink">By version and environment</summary>
          <Breakdown kind={kind} range={range} logsOf={(q) => logsOf([filter, q].join(' '))} />
        </details>
      )}
    </section>
  );
}

/** Of texts it is drawn how many logs have one: a share. */
function shown(kind: Kind): Pick<Kind, 'measure'> {
  return kind.measure === 'none' ? { measure: 'share' } : kind;
}

function Interval({ of, kind }: { of: Measured; kind: Pick<Kind, 'measure'> }): ReactNode {
  return (
    <div className="text-meta text-ink-3">
      {of.lower !== null && of.upper !== null ? (
        <>
          95 % interval <span className="num">{formatValue(kind, of.lower)}</span> to{' '}
          <span className="num">{formatValue(kind, of.upper)}</span>
        </>
      ) : (
        of.reason
      )}
      <div>{sampleOf(of, 'answer')}</div>
    </div>
  );
}

/** Options by how many logs have them, each as wide as its part. */
function Options({
  kind,
  logsOf,
}: {
  kind: Kind;
  logsOf: (q: string) => ReturnType<ReturnType<typeof useLinks>['logs' | 'fileLogs']>;
}): ReactNode {
  const { options } = kind.whole;
  if (options.length === 0) return null;
  const most = Math.max(1, ...options.map(({ logs }) => logs));
  const tint = { positive: 'bg-better', negative: 'bg-worse', neutral: 'bg-ink-3' };
  return (
    <div className="mt-1 flex flex-col gap-0.5">
      {options
        .toSorted((a, b) => b.logs - a.logs)
        .slice(0, 8)
        .map(({ name, valence, logs }) => (
          <Link
            key={name}
            {...logsOf(judgedTerm(kind.evaluator.path, name))}
            className="relative flex h-6 items-center gap-2 rounded-sm px-1.5 hover:bg-hover pointer-coarse:h-9"
          >
            <dt className="min-w-0 flex-1 truncate">{name}</dt>
            <dd className="num text-ink-2">{formatCount(logs)}</dd>
            <span
              aria-hidden
              className={`absolute bottom-0 left-1.5 h-0.5 opacity-60 ${tint[valence ?? 'neutral']}`}
              style={{ width: `calc((100% - 12px) * ${logs / most})` }}
            />
          </Link>
        ))}
    </div>
  );
}
