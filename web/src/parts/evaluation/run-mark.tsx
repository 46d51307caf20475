import type { ReportRun } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { Stripe } from '../version.tsx';

/** Stripe and name of the version that a run ran. */
export function RunMark({ run, className }: { run: Pick<ReportRun, 'label' | 'version'>; className?: string }): ReactNode {
  return (
    <span className={cx('inline-flex min-w-0 items-center gap-1.5', className)}>
      <Stripe hash={run.version?.content_hash} />
      <span className={cx('truncate', run.version?.name == null && 'num')}>{run.label}</span>
    </span>
  );
}
