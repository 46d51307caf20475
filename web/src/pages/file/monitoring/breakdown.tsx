import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Answer } from '../../../api/client.ts';
import { formatCount } from '../../../kit/format.ts';
import { Tip } from '../../../kit/tip.tsx';
import { useLinks } from '../../../parts/links.ts';
import { VersionMark } from '../../../parts/version.tsx';
import { formatMeasure } from './words.ts';

type Series = Answer<'monitors.series'>;
type Measured = Series['whole'];

/** A number with its interval on the scale of the measure. */
function Interval({ of, series, range }: { of: Measured; series: Series; range: readonly [number, number] }): ReactNode {
  const { measure } = series;
  if (of.estimate === null) return <span className="text-ink-3">nothing yet</span>;
  const x = (value: number) => 1 + ((value - range[0]) / (range[1] - range[0])) * 94;
  const interval =
    of.lower !== null && of.upper !== null ? `${formatMeasure(measure, of.lower)} to ${formatMeasure(measure, of.upper)}` : null;
  const sample = `${formatCount(of.n)} judgments${of.units === of.n ? '' : ` of ${formatCount(of.units)} users or sessions`}`;
  return (
    <Tip label={interval === null ? `${sample}. ${of.reason ?? ''}` : `95 % interval ${interval}; ${sample}`}>
      <span className="inline-flex items-center gap-3">
        <span className="num w-13 text-right">{formatMeasure(measure, of.estimate)}</span>
        <svg width={96} height={12} aria-hidden className="shrink-0">
          <line x1={0} x2={96} y1={6} y2={6} stroke="var(--line)" />
          {of.lower !== null && of.upper !== null && (
            <line x1={x(of.lower)} x2={Math.max(x(of.upper), x(of.lower) + 1)} y1={6} y2={6} stroke="var(--ink-3)" strokeWidth={1.5} />
          )}
          <line x1={x(of.estimate)} x2={x(of.estimate)} y1={1} y2={11} stroke="var(--ink)" strokeWidth={1.5} />
        </svg>
      </span>
    </Tip>
  );
}

/** The same number per version and per environment. */
export function Breakdown({ fileId, series, range }: { fileId: string; series: Series; range: readonly [number, number] }): ReactNode {
  const links = useLinks();
  const { versions, environments } = series;
  if (versions.length === 0) return null;
  return (
    <div className="grid gap-x-12 gap-y-4 md:grid-cols-2">
      <Table title="By version">
        {versions.map((each) => (
          <Line key={each.version_id} measured={each.measured} series={series} range={range}>
            <Link {...links.file(fileId, { version: each.version_id })} className="min-w-0 hover:underline">
              <VersionMark hash={each.content_hash} name={each.name} />
            </Link>
          </Line>
        ))}
      </Table>
      <Table title="By environment">
        {environments.map((each) => (
          <Line key={each.id} measured={each.measured} series={series} range={range}>
            <span className="truncate">{each.name}</span>
          </Line>
        ))}
      </Table>
    </div>
  );
}

function Table({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <div className="min-w-0">
      <h4 className="mb-1 text-meta text-ink-3">{title}</h4>
      <ul>{children}</ul>
    </div>
  );
}

function Line({
  measured,
  series,
  range,
  children,
}: {
  measured: Measured;
  series: Series;
  range: readonly [number, number];
  children: ReactNode;
}): ReactNode {
  return (
    <li className="flex min-h-8 items-center gap-3 border-b border-line">
      <span className="flex min-w-0 flex-1">{children}</span>
      <span className="num text-meta text-ink-3">n {formatCount(measured.n)}</span>
      <Interval of={measured} series={series} range={range} />
    </li>
  );
}
