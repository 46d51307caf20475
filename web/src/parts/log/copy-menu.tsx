import type { LogResponse } from '@whetstone/contract';
import type { CodeLanguage } from '@whetstone/domain';
import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../kit/button.tsx';
import { useCopy } from '../../kit/copy.tsx';
import { Menu, MenuItem, MenuLabel } from '../../kit/menu.tsx';
import { useLinks } from '../links.ts';
import { useRouter } from '@tanstack/react-router';

/** Copies the call as a program would make it, or the log as it is stored. */
export function CopyMenu({ log, compact = false }: { log: LogResponse; compact?: boolean }): ReactNode {
  const [copied, copy] = useCopy();
  const router = useRouter();
  const links = useLinks();
  const copyCode = async (language: CodeLanguage) => {
    if (!('prompt' in log)) return;
    const { logCode } = await import('./log-code.ts');
    copy(logCode(log, language));
  };
  return (
    <Menu
      trigger={
        <Button icon={Copy} size={compact ? 'sm' : 'md'}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
      }
    >
      {'prompt' in log && (
        <>
          <MenuLabel>This call, as</MenuLabel>
          <MenuItem onSelect={() => void copyCode('curl')}>curl</MenuItem>
          <MenuItem onSelect={() => void copyCode('typescript')}>TypeScript</MenuItem>
          <MenuItem onSelect={() => void copyCode('python')}>Python</MenuItem>
        </>
      )}
      <MenuLabel>This log, as</MenuLabel>
      <MenuItem onSelect={() => copy(JSON.stringify(log, null, 2))}>JSON</MenuItem>
      <MenuItem onSelect={() => copy(window.location.origin + router.buildLocation(links.log(log.id)).href)}>Link</MenuItem>
    </Menu>
  );
}
