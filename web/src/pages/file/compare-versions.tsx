import { ArrowLeft, ArrowLeftRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { Button, IconButton } from '../../kit/button.tsx';
import { Ago } from '../../kit/time.tsx';
import { DatasetChanges } from '../../parts/dataset/dataset-changes.tsx';
import { contentOf } from '../../parts/diff/content-of.ts';
import { KernelDiff } from '../../parts/diff/kernel-diff.tsx';
import type { VersionedFile } from '../../parts/file-query.ts';
import { VersionMark } from '../../parts/version.tsx';
import { VersionFigures } from './version-figures.tsx';
import type { VersionStats } from './version-stats.ts';

export function CompareVersions({
  before,
  after,
  stats,
  onClose,
  onSwap,
}: {
  before: VersionedFile;
  after: VersionedFile;
  stats: Map<string, VersionStats>;
  onClose: () => void;
  onSwap: () => void;
}): ReactNode {
  return (
    <div className="mx-auto w-full max-w-300 px-4 py-4 md:px-6">
      <div className="mb-4 flex items-center gap-2">
        <Button look="quiet" icon={ArrowLeft} onClick={onClose} className="-ml-2">
          All versions
        </Button>
        <span className="flex-1" />
        <IconButton icon={ArrowLeftRight} label="Swap the sides" onClick={onSwap} />
      </div>
      <div className="mb-5 grid gap-y-3 gap-x-8 sm:grid-cols-2">
        <Side version={before} stats={stats.get(before.version_id) ?? null} />
        <Side version={after} stats={stats.get(after.version_id) ?? null} />
      </div>
      {before.type === 'dataset' ? (
        <DatasetChanges fileId={before.id} from={before.version_id} to={after.version_id} />
      ) : (
        <KernelDiff before={contentOf(before)} after={contentOf(after)} />
      )}
    </div>
  );
}

function Side({ version, stats }: { version: VersionedFile; stats: VersionStats | null }): ReactNode {
  return (
    <div className="min-w-0">
      <div className="flex items-center gap-2">
        <VersionMark hash={version.content_hash} name={version.version_name} className="font-medium" />
        {version.environments.map((environment) => (
          <Badge key={environment.id} tone="soft">
            {environment.name}
          </Badge>
        ))}
        <Ago at={version.version_created_at} className="ml-auto text-meta text-ink-3" />
      </div>
      <p className="truncate text-ink-2">{version.version_description ?? 'No reason given'}</p>
      {stats !== null && stats.calls > 0 && <VersionFigures stats={stats} className="mt-2 flex-wrap" />}
    </div>
  );
}
