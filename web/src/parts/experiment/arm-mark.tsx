import type { ExperimentArm } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { Tip } from '../../kit/tip.tsx';
import { Stripe, shortHash } from '../version.tsx';

/** An arm by the stripe of its version and its name; the version on hover. */
export function ArmMark({ arm, className }: { arm: Pick<ExperimentArm, 'name' | 'version' | 'state'>; className?: string }): ReactNode {
  const { version } = arm;
  return (
    <Tip
      label={
        version === null ? (
          'What is deployed at the start'
        ) : (
          <>
            {version.name ?? 'Version'} <span className="font-mono">{shortHash(version.content_hash)}</span>
          </>
        )
      }
    >
      <span className={cx('inline-flex min-w-0 items-center gap-1.5', className)}>
        <Stripe hash={version?.content_hash} />
        <span className={cx('truncate', arm.state === 'stopped' && 'line-through decoration-ink-3')}>{arm.name}</span>
      </span>
    </Tip>
  );
}
