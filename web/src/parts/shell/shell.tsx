import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useNavigate } from '@tanstack/react-router';
import { cx } from '../../kit/cx.ts';
import { useHotkeys } from '../../kit/hotkeys.ts';
import { useStored } from '../../kit/stored.ts';
import { useSession } from '../session.ts';
import { ShellContext } from './shell-state.ts';
import { Sidebar } from './sidebar.tsx';

const KeySheet = lazy(() => import('./key-sheet.tsx'));
const CommandMenu = lazy(() => import('./command-menu.tsx'));

/** The frame: side bar at the left, the page beside it, commands over both. */
export function Shell({ children }: { children: ReactNode }): ReactNode {
  const { workspace } = useSession();
  const navigate = useNavigate();
  const [collapsed, setCollapsed] = useStored('whetstone.sidebar', false);
  const [drawer, setDrawer] = useState(false);
  const [commands, setCommands] = useState(false);
  const [sheet, setSheet] = useState(false);
  const toggle = () => (window.matchMedia('(max-width: 767px)').matches ? setDrawer(!drawer) : setCollapsed(!collapsed));
  const go = (to: string) => () => void navigate({ to: `/w/${workspace.slug}${to}` });
  useHotkeys({
    'mod+k': () => setCommands(true),
    '?': () => setSheet(true),
    '[': toggle,
    'g h': go(''),
    'g l': go('/logs'),
    'g f': go('/files'),
    'g e': go('/evaluations'),
    'g x': go('/experiments'),
    'g v': go('/feedback'),
    'g r': go('/review'),
    'g s': go('/settings/workspace'),
    'g n': go('/connect'),
  });
  return (
    <ShellContext value={{ toggle, openCommands: () => setCommands(true) }}>
      <div className="flex h-full" data-collapsed={collapsed}>
        <a
          href="#page"
          className="fixed top-2 left-2 z-60 -translate-y-16 rounded-md bg-accent px-3 py-1.5 text-on-accent focus:translate-y-0"
        >
          Skip to the page
        </a>
        {drawer && (
          <button
            type="button"
            aria-label="Close the side bar"
            onClick={() => setDrawer(false)}
            className="fixed inset-0 z-30 bg-[oklch(0.15_0.01_270/0.32)] md:hidden"
          />
        )}
        <div
          className={cx(
            'z-30 w-56 shrink-0 bg-ground shadow-[inset_-1px_0_0_var(--line)] max-md:fixed max-md:inset-y-0 max-md:left-0 max-md:w-72 max-md:transition-transform',
            !drawer && 'max-md:-translate-x-full max-md:invisible',
            collapsed && 'md:hidden',
          )}
        >
          <Sidebar
            onNavigate={() => setDrawer(false)}
            onCollapse={toggle}
            onSearch={() => setCommands(true)}
            onKeys={() => setSheet(true)}
          />
        </div>
        <main id="page" tabIndex={-1} className="flex min-w-0 flex-1 flex-col overflow-y-auto bg-page outline-none">
          {children}
        </main>
      </div>
      {commands && (
        <Suspense>
          <CommandMenu onClose={() => setCommands(false)} />
        </Suspense>
      )}
      {sheet && (
        <Suspense>
          <KeySheet open onClose={() => setSheet(false)} />
        </Suspense>
      )}
    </ShellContext>
  );
}
