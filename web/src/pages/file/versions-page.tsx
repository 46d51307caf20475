import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FlaskConical } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { buttonClass } from '../../kit/button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { DeployDialog } from '../../parts/deploy/deploy-dialog.tsx';
import { useEvaluated } from '../../parts/evaluation/use-evaluated.ts';
import { versionsQuery } from '../../parts/file-query.ts';
import { CompareVersions } from './compare-versions.tsx';
import { useLinks } from '../../parts/links.ts';
import { useMay } from '../../parts/session.ts';
import { useFileHere } from './file-context.ts';
import { useVersionStats } from './use-version-stats.ts';
import { VersionRow } from './version-row.tsx';

const route = getRouteApi('/w/$slug/files/$fileId/versions');

/** Every version, newest first; two of them side by side when two are chosen. */
export function VersionsPage(): ReactNode {
  const file = useFileHere();
  const { from, to } = route.useSearch();
  const navigate = route.useNavigate();
  const versions = useQuery(versionsQuery(file.kind, file.id));
  const stats = useVersionStats(file.id);
  const evaluated = useEvaluated(file.id);
  const links = useLinks();
  const mayWrite = useMay('write');
  const [deploying, setDeploying] = useState<string | null>(null);
  if (versions.error)
    return (
      <Notice kind="error" title="The versions could not be read" className="m-4">
        {versions.error.message}
      </Notice>
    );
  if (versions.data === undefined) return <SkeletonRows count={8} height={56} />;
  const list = versions.data;
  const before = list.find((one) => one.version_id === from);
  const after = list.find((one) => one.version_id === to);
  const choose = (id: string) => {
    const chosen = [from, to].filter((one): one is string => one !== undefined && one !== id);
    const next = chosen.length === [from, to].filter(Boolean).length ? [...chosen.slice(-1), id] : chosen;
    // The older of the two is "before", in whichever order they were chosen.
    const ordered = next.toSorted((a, b) => list.findIndex((one) => one.version_id === b) - list.findIndex((one) => one.version_id === a));
    void navigate({ search: { from: ordered[0], to: ordered[1] }, replace: true });
  };
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {before && after ? (
        <CompareVersions
          before={before}
          after={after}
          stats={stats}
          onClose={() => void navigate({ search: {} })}
          onSwap={() => void navigate({ search: { from: to, to: from }, replace: true })}
        />
      ) : (
        <div className="mx-auto w-full max-w-280 px-2 py-4 md:px-6">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-2 pb-3">
            <p className="min-w-0 flex-1 text-ink-3">
              {list.length === 1
                ? 'One version. The next one you save can be compared with it.'
                : from
                  ? 'Choose a second version to compare.'
                  : 'Choose two versions to compare them.'}
            </p>
            {mayWrite && (file.kind === 'prompt' || file.kind === 'agent') && (
              <Link {...links.newExperiment({ file: file.id, version: from })} className={buttonClass()}>
                <FlaskConical size={15} strokeWidth={1.5} aria-hidden /> New experiment
              </Link>
            )}
          </div>
          <ol>
            {list.map((version, at) => (
              <VersionRow
                key={version.version_id}
                version={version}
                stats={stats.get(version.version_id) ?? null}
                evaluated={evaluated.get(version.version_id) ?? null}
                chosen={version.version_id === from || version.version_id === to}
                last={at === list.length - 1}
                onChoose={() => choose(version.version_id)}
                onDeploy={() => setDeploying(version.version_id)}
                onCompare={(parent) => void navigate({ search: { from: parent, to: version.version_id } })}
                previous={list[at + 1]?.version_id ?? null}
              />
            ))}
          </ol>
        </div>
      )}
      {deploying !== null && <DeployDialog kind={file.kind} fileId={file.id} versionId={deploying} onClose={() => setDeploying(null)} />}
    </div>
  );
}
