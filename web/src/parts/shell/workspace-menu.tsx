import { Check, ChevronsUpDown, Plus } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { Mark } from '../../kit/mark.tsx';
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../kit/menu.tsx';
import { useSession } from '../session.ts';

const NewWorkspace = lazy(() => import('./new-workspace.tsx'));

/** Another workspace is another world: the page is loaded anew, so that nothing of the one is left in the other. */
function enter(slug: string): void {
  window.location.assign(`/w/${slug}`);
}

export function WorkspaceMenu(): ReactNode {
  const { me, workspace } = useSession();
  const [making, setMaking] = useState(false);
  return (
    <>
      <Menu
        align="start"
        className="w-56"
        trigger={
          <button
            type="button"
            className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md px-1.5 hover:bg-hover data-popup-open:bg-pressed"
          >
            <Mark size={20} />
            <span title={workspace.name} className="min-w-0 flex-1 truncate text-left font-semibold">
              {workspace.name}
            </span>
            <ChevronsUpDown size={12} strokeWidth={1.5} className="text-ink-3" aria-hidden />
          </button>
        }
      >
        <MenuLabel>Workspaces</MenuLabel>
        {me.workspaces.map((one) => (
          <MenuItem key={one.id} {...(one.slug === workspace.slug ? { icon: Check } : {})} onSelect={() => enter(one.slug)}>
            {one.name}
          </MenuItem>
        ))}
        {me.may_make_workspaces && (
          <>
            <MenuLine />
            <MenuItem icon={Plus} onSelect={() => setMaking(true)}>
              New workspace
            </MenuItem>
          </>
        )}
      </Menu>
      {making && (
        <Suspense>
          <NewWorkspace onClose={() => setMaking(false)} />
        </Suspense>
      )}
    </>
  );
}
