import { Link } from '@tanstack/react-router';
import { GitCompare, Rocket } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { IconButton } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { formatCount } from '../../kit/format.ts';
import { Checkbox } from '../../kit/checkbox.tsx';
import { Ago } from '../../kit/time.tsx';
import { EvaluatedScore } from '../../parts/evaluation/evaluated-score.tsx';
import type { Evaluated } from '../../parts/evaluation/use-evaluated.ts';
import type { VersionedFile } from '../../parts/file-query.ts';
import { useLinks } from '../../parts/links.ts';
import { term } from '../../parts/logs/filter-text.ts';
import { shortHash, versionColour } from '../../parts/version.tsx';
import { VersionFigures } from './version-figures.tsx';
import { VersionMenu } from './version-menu.tsx';
import type { VersionStats } from './version-stats.ts';

export interface VersionRowProps {
  version: VersionedFile;
  stats: VersionStats | null;
  evaluated: Evaluated | null;
  previous: string | null;
  chosen: boolean;
  last: boolean;
  onChoose: () => void;
  onDeploy: () => void;
  onCompare: (parent: string) => void;
}

/** One line of history: its colour on the thread, what and why, who and when, where it runs. */
export function VersionRow({
  version,
  stats,
  evaluated,
  previous,
  chosen,
  last,
  onChoose,
  onDeploy,
  onCompare,
}: VersionRowProps): ReactNode {
  const links = useLinks();
  const who = version.committed_by?.full_name ?? version.created_by?.full_name;
  return (
    <li
      className={cx(
        'group/version relative flex gap-3 rounded-md px-2 py-2.5 hover:bg-hover',
        chosen && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <Checkbox
        checked={chosen}
        onChange={onChoose}
        label={`Choose ${version.version_name ?? shortHash(version.content_hash)} to compare`}
        className="mt-0.5"
      />
      <span aria-hidden className="relative w-[3px] shrink-0">
        <span className="absolute inset-x-0 top-0.5 h-4 rounded-full" style={{ background: versionColour(version.content_hash) }} />
        {!last && <span className="absolute top-6 -bottom-3 left-px w-px bg-line-strong" />}
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <Link {...links.file(version.id, { version: version.version_id })} className="min-w-0 truncate font-medium hover:underline">
            {version.version_description ?? (previous === null ? 'First version' : 'No reason given')}
          </Link>
          {version.environments.map((environment) => (
            <Badge key={environment.id} tone="soft">
              <Rocket size={11} strokeWidth={1.75} aria-hidden /> {environment.name}
            </Badge>
          ))}
        </div>
        <div className="mt-0.5 flex flex-wrap items-center gap-x-3 text-meta text-ink-3">
          <span className="num">{shortHash(version.content_hash)}</span>
          {version.version_name && <span className="text-ink-2">{version.version_name}</span>}
          {(version.type === 'prompt' || version.type === 'agent') && <span>{version.model}</span>}
          {who && <span>{who}</span>}
          <Ago at={version.version_created_at} />
          {version.type === 'dataset' ? (
            <span className="num">{formatCount(version.datapoints_count)} datapoints</span>
          ) : (
            <Link
              {...links.fileLogs(version.id, { q: term('version', version.version_id), range: 'all' })}
              className="-my-1 py-1 hover:text-ink hover:underline"
            >
              {formatCount(version.version_logs_count)} logs
            </Link>
          )}
        </div>
        {stats !== null && stats.calls > 0 && <VersionFigures stats={stats} className="mt-1.5 flex-wrap xl:hidden" />}
        {evaluated !== null && <EvaluatedScore hash={version.content_hash} of={evaluated} className="mt-1.5 w-40 md:hidden" />}
      </div>
      {evaluated !== null && <EvaluatedScore hash={version.content_hash} of={evaluated} className="w-36 shrink-0 max-md:hidden" />}
      {stats !== null && stats.calls > 0 && <VersionFigures stats={stats} className="max-xl:hidden" />}
      <div className="flex items-start gap-0.5">
        <IconButton
          icon={GitCompare}
          label="Compare with the one before"
          disabled={previous === null}
          onClick={() => previous !== null && onCompare(version.parent_version_id ?? previous)}
          className="opacity-0 disabled:invisible group-focus-within/version:opacity-100 group-hover/version:opacity-100 max-md:hidden"
        />
        <VersionMenu version={version} onDeploy={onDeploy} />
      </div>
    </li>
  );
}
