import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, type LinkProps, Outlet } from '@tanstack/react-router';
import { Rocket } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { Button, buttonClass } from '../../kit/button.tsx';
import { Empty } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { DeployDialog } from '../../parts/deploy/deploy-dialog.tsx';
import { RunningMark } from '../../parts/experiment/running-mark.tsx';
import { isVersioned } from '../../parts/file-query.ts';
import { useLinks } from '../../parts/links.ts';
import { useMay } from '../../parts/session.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { FileContext } from './file-context.ts';
import { FileMenu } from './file-menu.tsx';

const route = getRouteApi('/w/$slug/files/$fileId');
const evaluable: ReadonlySet<string> = new Set(['prompt', 'agent', 'tool', 'flow']);

/** What all pages of a file share: its path, its tabs, and deploying it. */
export function FileFrame(): ReactNode {
  const { fileId } = route.useParams();
  const links = useLinks();
  const tree = useQuery(query('files.tree'));
  const mayDeploy = useMay('deploy');
  const [deploying, setDeploying] = useState(false);
  const file = tree.data?.files.find((one) => one.id === fileId);
  const found = useQuery({
    ...query('prompts.get', { params: { id: fileId } }),
    enabled: tree.data !== undefined && file === undefined,
    retry: false,
  });
  if (tree.isPending || (file === undefined && found.isLoading)) return <SkeletonRows count={12} />;
  const known = file ?? (found.data && { ...found.data, type: 'prompt' });
  if (known === undefined || !isVersioned(known.type)) {
    return (
      <>
        <PageBar title="File" crumbs={[{ label: 'Files', link: links.files }, { label: fileId }]} />
        <Empty
          title={known ? 'This kind of file has no page yet' : 'This file does not exist'}
          action={
            <Link {...links.files} className={buttonClass({ look: 'primary' })}>
              All files
            </Link>
          }
        >
          {known ? `${known.path} is kept and served by the API.` : 'It was deleted, or the link is from another workspace.'}
        </Empty>
      </>
    );
  }
  const slash = known.path.lastIndexOf('/');
  const directory = slash < 0 ? [] : known.path.slice(0, slash).split('/');
  return (
    <FileContext value={{ id: fileId, kind: known.type, path: known.path, name: known.name }}>
      <div className="flex h-full min-h-0 flex-col">
        <PageBar
          title={known.path}
          crumbs={[...directory.map((label) => ({ label, link: links.files })), { label: known.name }]}
          actions={
            <>
              <FileMenu />
              {mayDeploy && (
                <Button icon={Rocket} onClick={() => setDeploying(true)}>
                  Deploy
                </Button>
              )}
            </>
          }
        >
          <div className="flex gap-1 overflow-x-auto px-2 md:px-3" role="navigation" aria-label="Pages of this file">
            <Tab link={links.file(fileId)} exact>
              {known.type === 'prompt' || known.type === 'evaluator' ? 'Editor' : 'Content'}
            </Tab>
            <Tab link={links.versions(fileId)}>Versions</Tab>
            {known.type !== 'dataset' && <Tab link={links.fileLogs(fileId)}>Logs</Tab>}
            {evaluable.has(known.type) && <Tab link={links.fileEvaluations(fileId)}>Evaluations</Tab>}
            {(known.type === 'prompt' || known.type === 'agent') && (
              <Tab link={links.fileExperiments(fileId)}>
                Experiments
                <RunningMark fileId={fileId} />
              </Tab>
            )}
            {evaluable.has(known.type) && <Tab link={links.fileFeedback(fileId)}>Feedback</Tab>}
            {known.type !== 'dataset' && <Tab link={links.monitoring(fileId)}>Monitoring</Tab>}
            <Tab link={links.deployments(fileId)}>Deployments</Tab>
          </div>
        </PageBar>
        <Outlet />
      </div>
      {deploying && <DeployDialog kind={known.type} fileId={fileId} onClose={() => setDeploying(false)} />}
    </FileContext>
  );
}

function Tab({ link, exact = false, children }: { link: LinkProps; exact?: boolean; children: ReactNode }): ReactNode {
  return (
    <Link
      {...link}
      activeOptions={{ exact, includeSearch: false }}
      className="flex h-8 items-center border-b-[1.5px] border-transparent px-2 text-ink-3 transition-colors hover:text-ink data-[status=active]:border-ink data-[status=active]:text-ink pointer-coarse:h-10"
    >
      {children}
    </Link>
  );
}
