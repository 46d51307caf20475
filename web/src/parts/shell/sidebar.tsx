import { Link } from '@tanstack/react-router';
import {
  Activity,
  ClipboardCheck,
  ChartNoAxesColumn,
  FlaskConical,
  Home,
  Keyboard,
  type LucideIcon,
  PanelLeftClose,
  Plug,
  Search,
  Settings,
  ThumbsUp,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../kit/button.tsx';
import { Keys } from '../../kit/keys.tsx';
import { useSession } from '../session.ts';
import { FilesTree } from './files-tree.tsx';
import { UserMenu } from './user-menu.tsx';
import { WorkspaceMenu } from './workspace-menu.tsx';

const itemClass =
  'flex h-7 items-center gap-2 rounded-md px-2 text-ink-2 transition-colors hover:bg-hover hover:text-ink data-[status=active]:bg-pressed data-[status=active]:font-medium data-[status=active]:text-ink pointer-coarse:h-10';

export function Sidebar({
  onNavigate,
  onCollapse,
  onSearch,
  onKeys,
}: {
  onNavigate: () => void;
  onCollapse: () => void;
  onSearch: () => void;
  onKeys: () => void;
}): ReactNode {
  const { workspace } = useSession();
  const at = `/w/${workspace.slug}`;
  const item = (to: string, label: string, Icon: LucideIcon, exact = false) => (
    <Link to={`${at}${to}`} activeOptions={{ exact, includeSearch: false }} onClick={onNavigate} className={itemClass}>
      <Icon size={16} strokeWidth={1.5} className="text-ink-3" aria-hidden />
      {label}
    </Link>
  );
  return (
    <nav aria-label="Main" className="flex h-full flex-col">
      <div className="flex h-11 items-center gap-1 pr-1.5 pl-2">
        <WorkspaceMenu />
        <IconButton icon={PanelLeftClose} label="Hide the side bar" keys="[" onClick={onCollapse} />
      </div>
      <div className="px-2 pb-2">
        <button
          type="button"
          onClick={onSearch}
          className="flex h-7 w-full items-center gap-2 rounded-md px-2 text-ink-3 shadow-[inset_0_0_0_1px_var(--line)] transition-colors hover:bg-hover hover:text-ink-2 pointer-coarse:h-10"
        >
          <Search size={14} strokeWidth={1.5} aria-hidden />
          <span className="flex-1 text-left">Find or do</span>
          <Keys keys="mod+k" />
        </button>
      </div>
      <div className="flex flex-col gap-px px-2">
        {item('', 'Home', Home, true)}
        {item('/logs', 'Logs', Activity)}
        {item('/evaluations', 'Evaluations', ChartNoAxesColumn)}
        {item('/experiments', 'Experiments', FlaskConical)}
        {item('/feedback', 'Feedback', ThumbsUp)}
        {item('/review', 'Review', ClipboardCheck)}
      </div>
      <FilesTree onNavigate={onNavigate} />
      <div className="mt-auto flex flex-col gap-px border-t border-line px-2 py-2">
        {item('/connect', 'Connect an app', Plug)}
        {item('/settings', 'Settings', Settings)}
        <div className="mt-1 flex items-center gap-1">
          <UserMenu />
          <IconButton icon={Keyboard} label="Keys" keys="?" onClick={onKeys} className="max-md:hidden" />
        </div>
      </div>
    </nav>
  );
}
