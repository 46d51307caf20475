import { versionHue } from '@whetstone/domain';
import type { ReactNode } from 'react';
import { cx } from '../kit/cx.ts';
import { Tip } from '../kit/tip.tsx';

/** The colour of a version, as a CSS value; null has none yet. */
export function versionColour(hash: string | null | undefined): string {
  return hash ? `var(--v${versionHue(hash)})` : 'var(--line-strong)';
}

/** The first characters of a version's content hash, by which people call a version without a name. */
export function shortHash(hash: string): string {
  return hash.slice(0, 7);
}

/** The small stripe that stands for a version wherever it appears. Decoration: its hash or name stands beside it. */
export function Stripe({ hash, className }: { hash: string | null | undefined; className?: string }): ReactNode {
  return (
    <span
      aria-hidden
      className={cx('inline-block h-3.5 w-[3px] shrink-0 rounded-full', className)}
      style={{ background: versionColour(hash) }}
    />
  );
}

/** Stripe and name of a version. */
export function VersionMark({
  hash,
  name,
  draft = false,
  className,
}: {
  hash: string | null | undefined;
  name?: string | null | undefined;
  draft?: boolean;
  className?: string;
}): ReactNode {
  const label = hash ? shortHash(hash) : 'unsaved';
  return (
    <Tip
      label={
        <>
          {name ?? (draft ? 'Unsaved draft' : 'Version')} <span className="font-mono">{label}</span>
        </>
      }
    >
      <span className={cx('inline-flex min-w-0 items-center gap-1.5', className)}>
        <Stripe hash={hash} />
        {name ? <span className="truncate">{name}</span> : <span className="num truncate">{label}</span>}
        {draft && <span className="text-meta text-ink-3">draft</span>}
      </span>
    </Tip>
  );
}
