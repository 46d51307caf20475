import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FlaskConical, Lock, Undo2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { call } from '../../api/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, buttonClass } from '../../kit/button.tsx';
import { ConfirmDialog } from '../../kit/dialog.tsx';
import { Notice } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { Ago } from '../../kit/time.tsx';
import { EvidenceText } from '../../parts/experiment/evidence-text.tsx';
import { DeployDialog } from '../../parts/deploy/deploy-dialog.tsx';
import { changedBy, deploymentsQuery, environmentsQuery, pluralOf } from '../../parts/file-query.ts';
import { useLinks } from '../../parts/links.ts';
import { useMay } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { shortHash, Stripe, VersionMark } from '../../parts/version.tsx';
import { useFileHere } from './file-context.ts';

type Environment = Answer<'prompts.list_environments'>[number];
type Deployment = Answer<'prompts.list_deployments'>['records'][number];
interface Asking {
  environment: string;
  version?: string;
}

/** What runs where, and how it came to be there. */
export function DeploymentsPage(): ReactNode {
  const file = useFileHere();
  const environments = useQuery(environmentsQuery(file.kind, file.id));
  const history = useQuery(deploymentsQuery(file.kind, file.id));
  const [asking, setAsking] = useState<Asking | null>(null);
  const error = environments.error ?? history.error;
  if (error)
    return (
      <Notice kind="error" title="The deployments could not be read" className="m-4">
        {error.message}
      </Notice>
    );
  if (!environments.data || !history.data) return <SkeletonRows count={6} height={48} />;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto w-full max-w-240 px-4 py-5 md:px-6">
        <ul className="border-t border-line">
          {environments.data.map((environment) => (
            <EnvironmentRow
              key={environment.id}
              environment={environment}
              history={history.data.records}
              onDeploy={(version) => setAsking({ environment: environment.id, ...(version === undefined ? {} : { version }) })}
            />
          ))}
        </ul>
        <h2 className="mt-8 mb-2 font-semibold">History</h2>
        {history.data.records.length === 0 && <p className="text-ink-3">Nothing has been deployed yet.</p>}
        <ol>
          {history.data.records.map((deployment) => (
            <HistoryRow
              key={deployment.id}
              deployment={deployment}
              onAgain={(version) => setAsking({ environment: deployment.environment.id, version })}
            />
          ))}
        </ol>
      </div>
      {asking && (
        <DeployDialog
          kind={file.kind}
          fileId={file.id}
          environmentId={asking.environment}
          {...(asking.version === undefined ? {} : { versionId: asking.version })}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  );
}

function EnvironmentRow({
  environment,
  history,
  onDeploy,
}: {
  environment: Environment;
  history: Deployment[];
  onDeploy: (version?: string) => void;
}): ReactNode {
  const file = useFileHere();
  const links = useLinks();
  const mayDeploy = useMay('deploy');
  const mayExperiment = useMay('write') && (file.kind === 'prompt' || file.kind === 'agent');
  const [removing, setRemoving] = useState(false);
  const { run } = useAction('The deployment was not removed', changedBy(file.kind));
  const deployed = environment.file;
  const since = history.find((one) => one.environment.id === environment.id && one.version_id === deployed?.version_id);
  const before = since?.previous_version_id;
  return (
    <li className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2">
      <div className="flex items-center gap-2 max-sm:w-full sm:w-44">
        <span className="font-medium">{environment.name}</span>
        {environment.tag === 'default' && <Badge>default</Badge>}
        {environment.protected && (
          <Lock size={12} strokeWidth={1.75} className="text-ink-3" aria-label="Protected: only admins deploy here" />
        )}
      </div>
      <div className="flex min-w-0 flex-1 items-center gap-3 max-sm:basis-full">
        {deployed ? (
          <>
            <Link {...links.file(file.id, { version: deployed.version_id })} className="shrink-0 hover:underline">
              <VersionMark hash={deployed.content_hash} name={deployed.version_name} />
            </Link>
            <span title={deployed.version_description ?? undefined} className="min-w-0 truncate text-ink-3 max-sm:hidden">
              {deployed.version_description}
            </span>
            {since && <Ago at={since.created_at} className="ml-auto text-meta text-ink-3" />}
          </>
        ) : (
          <span className="text-ink-3">Nothing is deployed here; calls that name it fail.</span>
        )}
      </div>
      {mayDeploy && (
        <div className="flex gap-1.5">
          {before != null && (
            <Button size="sm" icon={Undo2} onClick={() => onDeploy(before)}>
              Roll back
            </Button>
          )}
          {deployed && mayExperiment && (
            <Link
              {...links.newExperiment({ file: file.id, environment: environment.name })}
              className={buttonClass({ size: 'sm', look: 'quiet' })}
            >
              <FlaskConical size={13} strokeWidth={1.5} aria-hidden /> New experiment
            </Link>
          )}
          <Button size="sm" onClick={() => onDeploy()}>
            {deployed ? 'Change' : 'Deploy here'}
          </Button>
          {deployed && (
            <Button size="sm" look="quiet" onClick={() => setRemoving(true)}>
              Take out
            </Button>
          )}
        </div>
      )}
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Take ${file.path} out of ${environment.name}?`}
        loss={`Applications that call it in ${environment.name} will fail until something is deployed there again. The version stays.`}
        action={`Take out of ${environment.name}`}
        onConfirm={() =>
          run(
            () =>
              call(`${pluralOf(file.kind)}.remove_deployment`, {
                params: { id: file.id, environment_id: environment.id },
                query: { expected_version_id: deployed?.version_id },
              }),
            `Taken out of ${environment.name}`,
          )
        }
      />
    </li>
  );
}

const verbs = { deploy: 'deployed', roll_back: 'rolled back', remove: 'took out', first: 'deployed' } as const;

function HistoryRow({ deployment, onAgain }: { deployment: Deployment; onAgain: (version: string) => void }): ReactNode {
  const mayDeploy = useMay('deploy');
  const { version_id: version } = deployment;
  return (
    <li className="group/row flex min-h-10 items-center gap-2.5 border-b border-line py-1.5">
      <Stripe hash={deployment.content_hash} />
      <span className="min-w-0 flex-1 text-ink-2 wrap-anywhere">
        {deployment.created_by?.full_name ?? 'Someone'} {verbs[deployment.action]}{' '}
        {deployment.content_hash && (
          <span className={deployment.version_name ? 'text-ink' : 'num text-ink'}>
            {deployment.version_name ?? shortHash(deployment.content_hash)}
          </span>
        )}{' '}
        {deployment.action === 'remove' ? 'of' : 'to'} <span className="text-ink">{deployment.environment.name}</span>
        {deployment.message && (
          <span className="text-ink-3">
            {' '}
            · <EvidenceText text={deployment.message} />
          </span>
        )}
      </span>
      {mayDeploy && version !== null && (
        <Button
          size="sm"
          look="quiet"
          className="opacity-0 group-focus-within/row:opacity-100 group-hover/row:opacity-100 max-md:hidden"
          onClick={() => onAgain(version)}
        >
          Deploy again
        </Button>
      )}
      <Ago at={deployment.created_at} className="text-meta text-ink-3" />
    </li>
  );
}
