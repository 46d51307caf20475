import type { ExperimentResponse, ExperimentResult } from '@whetstone/contract';
import { type ReactNode, useState } from 'react';
import { formatCount, formatExact } from '../../../kit/format.ts';
import { formatMetricDifference } from '../../../parts/experiment/metric.ts';
import { versionColour } from '../../../parts/version.tsx';
import { courseScale, roundWithin } from './scale.ts';
import { armOf } from './use-experiment.ts';

type Look = ExperimentResult['looks'][number];

/** How the interval narrowed as users were counted: by number of users, for time is not what makes it narrow. */
export function LooksChart({ experiment, result }: { experiment: ExperimentResponse; result: ExperimentResult }): ReactNode {
  const [hover, setHover] = useState<number | null>(null);
  const { looks } = result;
  const { unit } = result.primary;
  const arms = [...new Set(looks.map((one) => one.arm_id))];
  const moments = [...new Set(looks.map((one) => one.units))].toSorted((a, b) => a - b);
  const most = moments.at(-1) ?? 0;
  if (moments.length < 2)
    return (
      <p className="py-4 text-ink-3">
        {experiment.state === 'running'
          ? 'The course comes with the second look: one is kept each time that enough new users were counted.'
          : 'It ended before there was a second look, so that there is no course to draw.'}
      </p>
    );
  const margin = experiment.smallest_difference;
  const [low, high] = courseScale(looks, margin);
  const tick = roundWithin(high);
  const ticks = [tick, 0, -tick];
  const least = moments[0] ?? 0;
  const x = (units: number) => ((units - least) / (most - least || 1)) * 100;
  const y = (value: number) => Math.min(100, Math.max(0, ((high - value) / (high - low)) * 100));
  const pick = (event: React.PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = least + ((event.clientX - box.left) / box.width) * (most - least);
    setHover(moments.reduce((best, one) => (Math.abs(one - at) < Math.abs(best - at) ? one : best), least));
  };
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2">
      <div aria-hidden className="num relative h-44 w-20 text-right text-meta text-ink-3">
        {ticks.map((value) => (
          <span key={value} className="absolute right-0 -translate-y-1/2 whitespace-nowrap" style={{ top: `${y(value)}%` }}>
            {formatMetricDifference(unit, value)}
          </span>
        ))}
      </div>
      <div>
        <div
          role="img"
          aria-label={`The difference from control after each look, from ${formatCount(least)} to ${formatCount(most)} users. ${result.verdict.words}`}
          className="relative h-44 touch-pan-y"
          onPointerMove={pick}
          onPointerLeave={() => setHover(null)}
        >
          <svg aria-hidden viewBox="0 0 100 100" preserveAspectRatio="none" className="absolute inset-0 size-full">
            <rect x={0} width={100} y={y(margin)} height={y(-margin) - y(margin)} fill="var(--pressed)" />
            {ticks.map((value) => (
              <line
                key={value}
                x1={0}
                x2={100}
                y1={y(value)}
                y2={y(value)}
                stroke={value === 0 ? 'var(--line-strong)' : 'var(--line)'}
                vectorEffect="non-scaling-stroke"
              />
            ))}
            {arms.map((arm) => (
              <Course
                key={arm}
                looks={looks.filter((one) => one.arm_id === arm)}
                colour={versionColour(armOf(experiment, arm)?.version?.content_hash)}
                x={x}
                y={y}
              />
            ))}
            {hover !== null && (
              <line x1={x(hover)} x2={x(hover)} y1={0} y2={100} stroke="var(--line-strong)" vectorEffect="non-scaling-stroke" />
            )}
          </svg>
          {hover !== null && <Hover experiment={experiment} looks={looks.filter((one) => one.units === hover)} unit={unit} at={x(hover)} />}
        </div>
        <div aria-hidden className="mt-1 flex justify-between text-meta text-ink-3">
          <span>{formatCount(least)} users</span>
          <span>{formatCount(most)} users counted</span>
        </div>
      </div>
    </div>
  );
}

function Course({
  looks,
  colour,
  x,
  y,
}: {
  looks: Look[];
  colour: string;
  x: (units: number) => number;
  y: (value: number) => number;
}): ReactNode {
  const known = looks.filter((one) => one.estimate !== null).toSorted((a, b) => a.units - b.units);
  const band = known.filter((one) => one.lower !== null && one.upper !== null);
  const point = (one: Look, value: number | null) => `${x(one.units).toFixed(2)} ${y(value ?? 0).toFixed(2)}`;
  const there = band.map((one) => point(one, one.upper));
  const back = band.toReversed().map((one) => point(one, one.lower));
  return (
    <>
      {band.length > 1 && <path d={`M${[...there, ...back].join('L')}Z`} fill={colour} opacity={0.16} />}
      {band.length > 1 &&
        [there, back].map((edge) => (
          <path
            key={edge[0]}
            d={`M${edge.join('L')}`}
            fill="none"
            stroke={colour}
            strokeWidth={1}
            opacity={0.45}
            vectorEffect="non-scaling-stroke"
          />
        ))}
      {known.length > 1 && (
        <path
          d={`M${known.map((one) => point(one, one.estimate)).join('L')}`}
          fill="none"
          stroke={colour}
          strokeWidth={1.75}
          strokeLinejoin="round"
          vectorEffect="non-scaling-stroke"
        />
      )}
    </>
  );
}

function Hover({ experiment, looks, unit, at }: { experiment: ExperimentResponse; looks: Look[]; unit: string; at: number }): ReactNode {
  const [first] = looks;
  if (first === undefined) return null;
  return (
    <div
      className={`pointer-events-none absolute bottom-full z-10 mb-1 min-w-48 rounded-md bg-raised px-2.5 py-1.5 text-meta shadow-float ${at > 50 ? '-translate-x-full' : ''}`}
      style={{ left: `${at}%` }}
    >
      <div className="whitespace-nowrap text-ink-3">
        {formatCount(first.units)} users, {formatExact(first.at)}
      </div>
      {looks.map((one) => {
        const arm = armOf(experiment, one.arm_id);
        return (
          <div key={one.arm_id} className="flex items-center gap-2 whitespace-nowrap">
            <span className="h-3 w-[3px] rounded-full" style={{ background: versionColour(arm?.version?.content_hash) }} />
            <span className="max-w-32 flex-1 truncate">{arm?.name}</span>
            <span className="num">{formatMetricDifference(unit, one.estimate)}</span>
            {one.lower !== null && (
              <span className="num text-ink-3">
                {formatMetricDifference(unit, one.lower)} to {formatMetricDifference(unit, one.upper)}
              </span>
            )}
          </div>
        );
      })}
    </div>
  );
}
