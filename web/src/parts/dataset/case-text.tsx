import type { Datapoint } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { cx } from '../../kit/cx.ts';
import { textOf } from '../log/content.ts';

/** A case in a few lines: what goes in, and below it what should come out. */
export function CaseText({ datapoint, className }: { datapoint: Datapoint; className?: string }): ReactNode {
  const { inputs, messages, target, split, tags } = datapoint;
  const lines = [
    ...Object.entries(inputs ?? {}).map(([name, text]) => ({ name, text, wanted: false })),
    ...(messages ?? []).map((message) => ({ name: message.role as string, text: textOf(message) || '(image)', wanted: false })),
    ...Object.entries(target ?? {}).map(([name, value]) => ({
      name,
      text: typeof value === 'string' ? value : JSON.stringify(value),
      wanted: true,
    })),
  ];
  const labels = [...(split ? [split] : []), ...(tags ?? [])];
  return (
    <div className={cx('grid min-w-0 flex-1 grid-cols-[minmax(0,auto)_minmax(0,1fr)] gap-x-3 gap-y-0.5', className)}>
      {lines.map(({ name, text, wanted }, index) => (
        <div key={index} className="contents">
          <span className="max-w-36 truncate text-meta leading-5 text-ink-3">
            {wanted && '→ '}
            {name}
          </span>
          <span className="line-clamp-4 whitespace-pre-wrap wrap-anywhere">{text.slice(0, 2_000)}</span>
        </div>
      ))}
      {labels.length > 0 && (
        <span className="col-span-2 mt-1 flex flex-wrap gap-1">
          {labels.map((label) => (
            <Badge key={label} tone="soft">
              {label}
            </Badge>
          ))}
        </span>
      )}
    </div>
  );
}
