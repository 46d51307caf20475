import type { MonitorResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { environmentsQuery, type VersionedKind } from '../file-query.ts';
import { useMay } from '../session.ts';
import { VersionMark } from '../version.tsx';
import { DeployDialog } from './deploy-dialog.tsx';

/** Where another version than this one is deployed, what that one is used for there, and a way to deploy this one. */
export function StillDeployed({
  kind,
  fileId,
  versionId,
  className,
  onDeploy,
}: {
  kind: VersionedKind;
  fileId: string;
  versionId: string;
  className?: string;
  /** Where a dialog is open already: it gives way. */
  onDeploy?: (environmentId: string) => void;
}): ReactNode {
  const [deploying, setDeploying] = useState<string | null>(null);
  const behind = useBehind(kind, fileId, versionId);
  const mayDeploy = useMay('deploy');
  const admin = useMay('admin');
  if (behind.length === 0) return null;
  return (
    <div role="status" className={cx('flex flex-col gap-1 bg-sunken px-4 py-1.5 text-meta text-ink-2', className)}>
      {behind.map(({ environment, version, uses }) => (
        <div key={environment.id} className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span>{environment.name} still uses</span>
          <VersionMark hash={version.content_hash} name={version.version_name} className="text-ink" />
          <span className="min-w-0 text-ink-3">{uses}</span>
          {environment.protected && !admin ? (
            <span className="ml-auto text-ink-3">Only an admin deploys there.</span>
          ) : (
            mayDeploy && (
              <Button size="sm" className="ml-auto" onClick={() => (onDeploy ?? setDeploying)(environment.id)}>
                Deploy this version
              </Button>
            )
          )}
        </div>
      ))}
      {deploying !== null && (
        <DeployDialog kind={kind} fileId={fileId} versionId={versionId} environmentId={deploying} onClose={() => setDeploying(null)} />
      )}
    </div>
  );
}

/** Environments in which another version is, with what asks for it there. */
function useBehind(kind: VersionedKind, fileId: string, versionId: string) {
  const environments = useQuery(environmentsQuery(kind, fileId));
  const others = (environments.data ?? []).flatMap((environment) =>
    environment.file === null || environment.file.version_id === versionId ? [] : [{ environment, version: environment.file }],
  );
  const monitors = useQuery({ ...query('monitors.list', { query: {} }), enabled: kind === 'evaluator' && others.length > 0 });
  return others.map(({ environment, version }) => ({
    environment,
    version,
    uses: usesOf(kind, monitors.data?.records ?? [], fileId, versionId, environment),
  }));
}

function usesOf(
  kind: VersionedKind,
  monitors: readonly MonitorResponse[],
  fileId: string,
  versionId: string,
  environment: { id: string; name: string; tag: string },
): string {
  const asks = environment.tag === 'default' ? 'who names it by its path alone' : `who names it with ${environment.name}`;
  if (kind === 'dataset') return `So does ${asks}, in CI or by the API.`;
  const fixed = monitors.filter(
    ({ evaluator, version, evaluator_environment: at }) => evaluator.id === fileId && at === null && version?.id !== versionId,
  ).length;
  const others =
    fixed === 0 ? '' : ` ${fixed === 1 ? 'One monitor keeps' : `${fixed} monitors keep`} to a version chosen for it, whatever is deployed.`;
  const here = monitors.filter(({ evaluator, evaluator_environment: at }) => evaluator.id === fileId && at?.id === environment.id).length;
  if (here === 0) return `So does ${asks}.${others}`;
  return `${here === 1 ? 'A monitor judges' : `${here} monitors judge`} with it, and so does ${asks}.${others}`;
}
