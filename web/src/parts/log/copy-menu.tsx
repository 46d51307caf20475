import type { LogResponse } from '@whetstone/contract';
import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../kit/button.tsx';
import { useCopy } from '../../kit/copy.tsx';
import { Menu, MenuItem, MenuLabel } from '../../kit/menu.tsx';
import { logCode } from './log-code.ts';

/** Copies the call as a program would make it, or the log as it is stored. */
export function CopyMenu({ log, compact = false }: { log: LogResponse; compact?: boolean }): ReactNode {
  const [copied, copy] = useCopy();
  return (
    <Menu trigger={<Button icon={Copy} size={compact ? 'sm' : 'md'}>{copied ? 'Copied' : 'Copy'}</Button>}>
      <MenuLabel>This call, as</MenuLabel>
      <MenuItem onSelect={() => copy(logCode(log, 'curl'))}>curl</MenuItem>
      <MenuItem onSelect={() => copy(logCode(log, 'typescript'))}>TypeScript</MenuItem>
      <MenuItem onSelect={() => copy(logCode(log, 'python'))}>Python</MenuItem>
      <MenuLabel>This log, as</MenuLabel>
      <MenuItem onSelect={() => copy(JSON.stringify(log, null, 2))}>JSON</MenuItem>
      <MenuItem onSelect={() => copy(window.location.origin + window.location.pathname.replace(/\/logs.*$/, `/logs/${log.id}`))}>Link</MenuItem>
    </Menu>
  );
}
