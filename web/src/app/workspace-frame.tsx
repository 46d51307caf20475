import { Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Shell } from '../parts/shell/shell.tsx';

export function WorkspaceFrame(): ReactNode {
  return (
    <Shell>
      <Outlet />
    </Shell>
  );
}
