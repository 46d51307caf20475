import { type ReactNode, useState } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Checkbox } from '../../kit/checkbox.tsx';
import { cx } from '../../kit/cx.ts';
import { Ago } from '../../kit/time.tsx';
import type { VersionedFile } from '../file-query.ts';
import { shortHash, VersionMark } from '../version.tsx';

const first = 6;

/** Versions to run, newest first; with `baseline`, one of them is what the others are compared with. */
export function VersionChoice({
  versions,
  chosen,
  onChange,
  baseline,
  onBaseline,
}: {
  versions: VersionedFile[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  baseline?: string | null;
  onBaseline?: (id: string) => void;
}): ReactNode {
  const [all, setAll] = useState(false);
  const shown = all ? versions : versions.filter((one, at) => at < first || chosen.includes(one.version_id));
  const toggle = (id: string, on: boolean) => onChange(on ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <div className="overflow-hidden rounded-md shadow-[inset_0_0_0_1px_var(--line-strong)]">
      <ul className="max-h-96 overflow-y-auto">
        {shown.map((version) => {
          const on = chosen.includes(version.version_id);
          const label = version.version_name ?? shortHash(version.content_hash);
          return (
            <li
              key={version.version_id}
              className={cx('flex min-h-10 items-center gap-3 border-b border-line px-3 py-1.5 last:border-b-0', on && 'bg-accent-soft')}
            >
              <Checkbox checked={on} onChange={(value) => toggle(version.version_id, value)} label={`Run ${label}`} />
              <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-0.5">
                <VersionMark hash={version.content_hash} name={version.version_name} />
                {version.environments.map((environment) => (
                  <Badge key={environment.id} tone="soft">
                    {environment.name}
                  </Badge>
                ))}
                <span className="min-w-0 truncate text-ink-3 max-sm:hidden">{version.version_description}</span>
              </span>
              {on && onBaseline && chosen.length > 1 ? (
                <label className="flex shrink-0 items-center gap-1.5 text-meta text-ink-2 pointer-coarse:h-9">
                  <input
                    type="radio"
                    name="baseline"
                    checked={baseline === version.version_id}
                    onChange={() => onBaseline(version.version_id)}
                    className="accent-(--accent)"
                  />
                  baseline
                </label>
              ) : (
                <Ago at={version.version_created_at} className="shrink-0 text-meta text-ink-3" />
              )}
            </li>
          );
        })}
      </ul>
      {versions.length > shown.length && (
        <div className="border-t border-line px-2 py-1">
          <Button look="quiet" size="sm" onClick={() => setAll(true)}>
            Show all {versions.length} versions
          </Button>
        </div>
      )}
    </div>
  );
}
