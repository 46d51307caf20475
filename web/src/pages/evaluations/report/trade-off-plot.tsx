import type { ReportEvaluator, ReportPairs } from '@whetstone/contract';
import { type ReactNode, useState } from 'react';
import { formatDuration, formatMoney } from '../../../kit/format.ts';
import { Segmented } from '../../../kit/segmented.tsx';
import { Tip } from '../../../kit/tip.tsx';
import { formatScore, scaleOf, within } from '../../../parts/evaluation/numbers.ts';
import { versionColour } from '../../../parts/version.tsx';
import { useReportHere } from './report-context.ts';

type Against = 'cost' | 'latency';
type Point = ReportPairs['points'][number];

/** Quality upwards, cost or latency to the right; whiskers both ways. The line joins those that no other run beats in both. */
export function TradeOffPlot({ data, evaluator }: { data: ReportPairs; evaluator: ReportEvaluator }): ReactNode {
  const { report } = useReportHere();
  const priced = data.points.some((one) => one.cost_usd.estimate !== null);
  const [chosen, setAgainst] = useState<Against | null>(null);
  const against = chosen ?? (priced ? 'cost' : 'latency');
  const of = (point: Point) => (against === 'cost' ? point.cost_usd : point.latency_ms);
  const format = against === 'cost' ? formatMoney : formatDuration;
  const points = data.points.filter((one) => one.quality.estimate !== null && of(one).estimate !== null);
  const xs = scaleOf(null, points.map(of));
  const ys = within(
    evaluator.range,
    scaleOf(
      null,
      points.map((one) => one.quality),
    ),
  );
  const x = (value: number) => ((value - xs[0]) / (xs[1] - xs[0])) * 100;
  const y = (value: number) => 100 - ((value - ys[0]) / (ys[1] - ys[0])) * 100;
  const front = points
    .filter((one) => one.front[against])
    .toSorted((a, b) => (of(a).estimate ?? 0) - (of(b).estimate ?? 0))
    .map((one) => `${x(of(one).estimate ?? 0)},${y(one.quality.estimate ?? 0)}`);
  const colour = (point: Point) => versionColour(report.runs.find((run) => run.run_id === point.run_id)?.version?.content_hash);
  return (
    <section aria-label="Quality against cost and latency">
      <header className="mb-3 flex flex-wrap items-center gap-3">
        <h2 className="font-semibold">Quality against {against}</h2>
        <Segmented
          label="Against"
          value={against}
          onChange={setAgainst}
          options={[
            { value: 'cost', label: 'Cost' },
            { value: 'latency', label: 'Latency' },
          ]}
        />
      </header>
      {points.length === 0 ? (
        <p className="text-ink-3">{against === 'cost' ? 'No run has a known cost.' : 'No run has a known latency.'}</p>
      ) : (
        <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2">
          <div className="num flex flex-col justify-between text-right text-ink-3">
            <span>{formatScore(evaluator.unit, ys[1])}</span>
            <span className="font-sans">{evaluator.name}</span>
            <span>{formatScore(evaluator.unit, ys[0])}</span>
          </div>
          <div className="relative h-60 border-b border-l border-line-strong">
            <svg aria-hidden viewBox="0 0 100 100" preserveAspectRatio="none" className="absolute inset-0 size-full overflow-visible">
              {front.length > 1 && (
                <polyline
                  points={front.join(' ')}
                  fill="none"
                  stroke="var(--line-strong)"
                  strokeDasharray="4 3"
                  vectorEffect="non-scaling-stroke"
                />
              )}
              {points.map((one) => {
                const [across, up] = [of(one), one.quality];
                const [cx, cy] = [x(across.estimate ?? 0), y(up.estimate ?? 0)];
                return (
                  <g key={one.run_id} stroke={colour(one)} strokeOpacity={0.55} strokeWidth={1.5}>
                    {up.lower !== null && up.upper !== null && (
                      <line x1={cx} x2={cx} y1={y(up.lower)} y2={y(up.upper)} vectorEffect="non-scaling-stroke" />
                    )}
                    {across.lower !== null && across.upper !== null && (
                      <line x1={x(across.lower)} x2={x(across.upper)} y1={cy} y2={cy} vectorEffect="non-scaling-stroke" />
                    )}
                  </g>
                );
              })}
            </svg>
            <ul>
              {points.map((one) => {
                const left = x(of(one).estimate ?? 0);
                const said = `${one.label}: ${formatScore(evaluator.unit, one.quality.estimate)} for ${format(of(one).estimate)} a case`;
                return (
                  <li key={one.run_id} className="absolute" style={{ left: `${left}%`, top: `${y(one.quality.estimate ?? 0)}%` }}>
                    <Tip label={said}>
                      <span
                        className="absolute size-2.5 -translate-1/2 rounded-full ring-2 ring-page"
                        style={{ background: colour(one) }}
                      />
                    </Tip>
                    <span className={`num absolute bottom-1.5 max-w-32 truncate text-ink-2 ${left > 70 ? 'right-2' : 'left-2'}`}>
                      {one.label}
                    </span>
                    <span className="sr-only">{said}</span>
                  </li>
                );
              })}
            </ul>
          </div>
          <span />
          <div className="num flex justify-between pt-1 text-ink-3">
            <span>{format(xs[0])}</span>
            <span className="font-sans">{against === 'cost' ? 'median cost of a case' : 'median latency'}</span>
            <span>{format(xs[1])}</span>
          </div>
        </div>
      )}
      <p className="mt-2 max-w-[80ch] text-meta text-ink-3">
        Up is better, left is cheaper. Where whiskers overlap, the order may be chance.
      </p>
    </section>
  );
}
