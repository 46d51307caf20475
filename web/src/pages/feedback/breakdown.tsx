import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatCount } from '../../kit/format.ts';
import { Tip } from '../../kit/tip.tsx';
import type { useLinks } from '../../parts/links.ts';
import { term } from '../../parts/logs/filter-text.ts';
import { VersionMark } from '../../parts/version.tsx';
import { drawn, formatValue, type Kind, type Measured, sampleOf } from './measure.ts';

/** The same number by version and by environment, each leading to its logs. */
export function Breakdown({
  kind,
  range,
  logsOf,
}: {
  kind: Kind;
  range: readonly [number, number];
  logsOf: (q: string) => ReturnType<ReturnType<typeof useLinks>['logs' | 'fileLogs']>;
}): ReactNode {
  return (
    <div className="mt-2 grid gap-x-12 gap-y-4 md:grid-cols-2">
      {kind.versions.length > 0 && (
        <Table title="By version">
          {kind.versions.map((one) => (
            <Line key={one.version_id} kind={kind} of={one} range={range}>
              <Link {...logsOf(term('version', one.version_id))} className="min-w-0 hover:underline">
                <VersionMark hash={one.content_hash} name={one.name} />
              </Link>
            </Line>
          ))}
        </Table>
      )}
      {kind.environments.length > 0 && (
        <Table title="By environment">
          {kind.environments.map((one) => (
            <Line key={one.id} kind={kind} of={one} range={range}>
              <Link {...logsOf(term('environment', one.name))} className="truncate hover:underline">
                {one.name}
              </Link>
            </Line>
          ))}
        </Table>
      )}
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
  kind,
  of,
  range,
  children,
}: {
  kind: Kind;
  of: { rate: Measured; value: Measured };
  range: readonly [number, number];
  children: ReactNode;
}): ReactNode {
  const measured = drawn(kind, of);
  return (
    <li className="flex min-h-8 items-center gap-3 border-b border-line">
      <span className="flex min-w-0 flex-1">{children}</span>
      <span className="num text-meta text-ink-3 max-sm:hidden">n {formatCount(measured.n)}</span>
      <Whisker of={measured} format={(value) => formatValue(kind.measure === 'none' ? { measure: 'share' } : kind, value)} range={range} />
    </li>
  );
}

function Whisker({
  of,
  format,
  range: [low, high],
}: {
  of: Measured;
  format: (value: number | null) => string;
  range: readonly [number, number];
}): ReactNode {
  if (of.estimate === null) return <span className="text-ink-3">nothing yet</span>;
  const x = (value: number) => 1 + Math.min(1, Math.max(0, (value - low) / (high - low))) * 94;
  const interval = of.lower !== null && of.upper !== null;
  return (
    <Tip
      label={
        interval
          ? `95 % interval ${format(of.lower)} to ${format(of.upper)}; ${sampleOf(of, 'answer')}`
          : `${sampleOf(of, 'answer')}. ${of.reason ?? ''}`
      }
    >
      <span className="inline-flex items-center gap-3">
        <span className="num w-13 text-right">{format(of.estimate)}</span>
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
