import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { formatDuration, formatMoney } from '../../kit/format.ts';
import { Measured } from '../../parts/chart/measured.tsx';
import type { VersionStats } from './version-stats.ts';

/** The few numbers by which one version is told from another; what is counted from a sample with its interval. */
export function VersionFigures({ stats, className }: { stats: VersionStats; className?: string }): ReactNode {
  const { judged } = stats;
  return (
    <dl className={cx('flex items-start gap-x-5 gap-y-1', className)}>
      {judged !== null && (
        <Figure label={`Good by ${judged.by}`} className="w-38">
          <Measured of={judged.good} what="judged good" max={1} />
        </Figure>
      )}
      <Figure label="Errors" className="w-38">
        <Measured of={stats.errors} what="calls failed" />
      </Figure>
      <Figure label="Median" className="w-18">
        <span className="num">{formatDuration(stats.latencyMs)}</span>
      </Figure>
      <Figure label="A call" className="w-22">
        <span className="num">{formatMoney(stats.costUsd)}</span>
      </Figure>
    </dl>
  );
}

function Figure({ label, className, children }: { label: string; className: string; children: ReactNode }): ReactNode {
  return (
    <div className={className}>
      <dt className="truncate text-meta text-ink-3">{label}</dt>
      <dd className="truncate">{children}</dd>
    </div>
  );
}
