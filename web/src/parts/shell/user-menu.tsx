import { useNavigate } from '@tanstack/react-router';
import { LogOut, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { signOut } from '../../api/auth.ts';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuRadio } from '../../kit/menu.tsx';
import { useLinks } from '../links.ts';
import { useSession } from '../session.ts';
import { type Theme, useTheme } from '../theme.ts';

const themes: { value: Theme; label: string }[] = [
  { value: 'system', label: 'Like the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

export function UserMenu(): ReactNode {
  const { user, workspace } = useSession();
  const [theme, setTheme] = useTheme();
  const links = useLinks();
  const navigate = useNavigate();
  return (
    <Menu
      align="start"
      side="top"
      className="w-56"
      trigger={
        <button
          type="button"
          className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md px-1.5 text-left hover:bg-hover data-popup-open:bg-pressed pointer-coarse:h-10"
        >
          <span
            aria-hidden
            className="flex size-5 shrink-0 items-center justify-center rounded-full bg-pressed text-[11px] font-semibold text-ink-2"
          >
            {(user.name || user.email).slice(0, 1).toUpperCase()}
          </span>
          <span className="min-w-0 flex-1 truncate text-ink-2">{user.name || user.email}</span>
        </button>
      }
    >
      <MenuLabel>
        {user.email} · {workspace.role}
      </MenuLabel>
      <MenuItem icon={UserRound} onSelect={() => void navigate(links.settings('account'))}>
        My account
      </MenuItem>
      <MenuLine />
      <MenuLabel>Theme</MenuLabel>
      <MenuRadio value={theme} onChange={(value) => setTheme(value as Theme)} options={themes} />
      <MenuLine />
      <MenuItem icon={LogOut} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
