import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { ChevronRight, Plus, Search } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { query } from '../../api/query.ts';
import { IconButton } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { Skeleton } from '../../kit/skeleton.tsx';
import { useStored } from '../../kit/stored.ts';
import { buildTree, type TreeRow, treeRows } from '../file-tree.ts';
import { useLinks } from '../links.ts';
import { kindOf, kinds } from '../kinds.ts';
import { NewFileDialog } from '../new-file-lazy.tsx';
import { useMay, useSession } from '../session.ts';
import { Stripe } from '../version.tsx';

export function FilesTree({ onNavigate }: { onNavigate: () => void }): ReactNode {
  const { workspace } = useSession();
  const links = useLinks();
  const mayWrite = useMay('write');
  const tree = useQuery(query('files.tree'));
  const [closed, setClosed] = useStored<string[]>(`whetstone.tree.${workspace.slug}`, []);
  const [search, setSearch] = useState<string | null>(null);
  const [making, setMaking] = useState(false);
  const nodes = useMemo(() => buildTree(tree.data?.directories ?? [], tree.data?.files ?? []), [tree.data]);
  const rows = treeRows(nodes, new Set(closed), search ?? '');
  const toggle = (path: string) => setClosed(closed.includes(path) ? closed.filter((one) => one !== path) : [...closed, path]);
  return (
    <div className="mt-4 flex min-h-0 flex-1 flex-col">
      <div className="flex h-7 items-center pr-1.5 pl-4">
        <Link {...links.files} onClick={onNavigate} className="flex-1 text-meta text-ink-3 hover:text-ink">
          Files
        </Link>
        <IconButton
          icon={Search}
          label="Search files"
          active={search !== null}
          onClick={() => setSearch(search === null ? '' : null)}
          className="size-6"
        />
        {mayWrite && <IconButton icon={Plus} label="New file" onClick={() => setMaking(true)} className="size-6" />}
      </div>
      {search !== null && (
        <input
          autoFocus
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && setSearch(null)}
          placeholder="Part of a path"
          aria-label="Search files"
          className="mx-3 mb-1 h-7 rounded-md bg-transparent px-2 shadow-[inset_0_0_0_1px_var(--line-strong)] outline-none placeholder:text-ink-3 focus:shadow-[inset_0_0_0_1px_var(--accent)]"
        />
      )}
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        {tree.isPending && <TreeSkeleton />}
        {tree.data && rows.length === 0 && (
          <p className="px-2 py-1 text-meta text-ink-3">
            {search ? 'No file has this in its path.' : 'Prompts and other files will be here.'}
          </p>
        )}
        {rows.map((row) => (
          <Row
            key={row.node.path + row.node.kind}
            row={row}
            open={!closed.includes(row.node.path) || Boolean(search)}
            onToggle={toggle}
            onNavigate={onNavigate}
          />
        ))}
      </div>
      <NewFileDialog open={making} onClose={() => setMaking(false)} />
    </div>
  );
}

const rowClass =
  'flex h-7 w-full items-center gap-1.5 rounded-md pr-2 text-left text-ink-2 transition-colors hover:bg-hover hover:text-ink pointer-coarse:h-10';

function Row({
  row: { node, depth },
  open,
  onToggle,
  onNavigate,
}: {
  row: TreeRow;
  open: boolean;
  onToggle: (path: string) => void;
  onNavigate: () => void;
}): ReactNode {
  const links = useLinks();
  const here = useLocation({ select: (location) => (node.kind === 'file' ? location.pathname.includes(`/files/${node.file.id}`) : false) });
  const indent = { paddingLeft: 8 + depth * 14 };
  if (node.kind === 'directory') {
    return (
      <button type="button" aria-expanded={open} onClick={() => onToggle(node.path)} className={rowClass} style={indent}>
        <ChevronRight
          size={14}
          strokeWidth={1.5}
          className={cx('shrink-0 text-ink-3 transition-transform', open && 'rotate-90')}
          aria-hidden
        />
        <span className="truncate">{node.name}</span>
      </button>
    );
  }
  const { icon: Icon, one } = kinds[kindOf(node.file.type)];
  return (
    <Link
      {...links.file(node.file.id)}
      onClick={onNavigate}
      title={`${one} ${node.path}`}
      aria-current={here ? 'page' : undefined}
      className={cx(rowClass, here && 'bg-pressed font-medium text-ink')}
      style={indent}
    >
      <Icon size={14} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 flex-1 truncate">{node.name}</span>
      <Stripe hash={node.file.content_hash} className="h-3" />
    </Link>
  );
}

function TreeSkeleton(): ReactNode {
  return (
    <div className="flex flex-col gap-3 px-2 pt-2" role="status" aria-label="Loading files">
      {[60, 80, 45, 70].map((width) => (
        <div key={width} className="skeleton h-3" style={{ width: `${width}%` }} />
      ))}
      <Skeleton className="h-3" />
    </div>
  );
}
