import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { Button, buttonClass } from '../../kit/button.tsx';
import { Empty, Notice } from '../../kit/notice.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { Ago } from '../../kit/time.tsx';
import { kindOf, kinds } from '../../parts/kinds.ts';
import { useLinks } from '../../parts/links.ts';
import { NewFileDialog } from '../../parts/new-file-lazy.tsx';
import { useMay } from '../../parts/session.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { shortHash, Stripe } from '../../parts/version.tsx';

const route = getRouteApi('/w/$slug/files');
const filters = [
  { value: 'all', label: 'All' },
  { value: 'prompt', label: 'Prompts' },
  { value: 'tool', label: 'Tools' },
  { value: 'evaluator', label: 'Evaluators' },
  { value: 'flow', label: 'Flows' },
  { value: 'agent', label: 'Agents' },
  { value: 'dataset', label: 'Datasets' },
] as const;

/** Every file in one list, changed last first. */
export function FilesPage(): ReactNode {
  const { kind = 'all' } = route.useSearch();
  const navigate = route.useNavigate();
  const tree = useQuery(query('files.tree'));
  const mayWrite = useMay('write');
  const admin = useMay('admin');
  const [making, setMaking] = useState(false);
  const links = useLinks();
  const files = (tree.data?.files ?? [])
    .filter((file) => kind === 'all' || file.type === kind)
    .toSorted((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
  const chosen = filters.find((one) => one.value === kind)?.value ?? 'all';
  return (
    <>
      <PageBar
        title="Files"
        crumbs={[{ label: 'Files' }]}
        actions={
          mayWrite && (
            <Button look="primary" icon={Plus} onClick={() => setMaking(true)}>
              New file
            </Button>
          )
        }
      />
      <div className="overflow-x-auto px-4 pt-3 pb-2">
        <Segmented
          label="Kind"
          value={chosen}
          options={filters}
          onChange={(value) => void navigate({ search: value === 'all' ? {} : { kind: value }, replace: true })}
        />
      </div>
      {tree.isPending && <SkeletonRows count={10} />}
      {tree.error && (
        <Notice kind="error" title="The files could not be read" className="m-4">
          {tree.error.message}
        </Notice>
      )}
      {tree.data && files.length === 0 && (
        <Empty
          title={chosen === 'all' ? 'No files yet' : `No ${kinds[kindOf(chosen)].many.toLowerCase()} yet`}
          action={
            mayWrite && (
              <div className="flex gap-2">
                <Button look="primary" icon={Plus} onClick={() => setMaking(true)}>
                  New file
                </Button>
                {admin && (
                  <Link {...links.settings('import')} className={buttonClass()}>
                    Import files
                  </Link>
                )}
              </div>
            )
          }
        >
          A file lives at a path and has versions. A prompt is a file: an application calls it by its path, and you change it here without a
          release.
        </Empty>
      )}
      <ul>
        {files.map((file) => {
          const { icon: Icon, one } = kinds[kindOf(file.type)];
          return (
            <li key={file.id}>
              <Link
                {...links.file(file.id)}
                className="flex h-9 items-center gap-3 border-b border-line px-4 hover:bg-hover pointer-coarse:h-12"
              >
                <Icon size={16} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-label={one} />
                <span className="min-w-0 flex-1 truncate">{file.path}</span>
                <Stripe hash={file.content_hash} />
                <span className="num w-16 text-ink-3 max-sm:hidden">{shortHash(file.content_hash)}</span>
                <Ago at={file.updated_at} className="w-20 text-right text-meta text-ink-3" />
              </Link>
            </li>
          );
        })}
      </ul>
      <NewFileDialog open={making} onClose={() => setMaking(false)} />
    </>
  );
}
