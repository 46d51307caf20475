import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { Activity, ChartNoAxesColumn, FlaskConical, Home, type LucideIcon, Moon, Plug, Plus, Settings, Sun, ThumbsUp } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { Keys } from '../../kit/keys.tsx';
import { kindOf, kinds } from '../kinds.ts';
import { NewFileDialog } from '../new-file-lazy.tsx';
import { useMay, useSession } from '../session.ts';
import { settingsSections } from '../settings-sections.ts';
import { useTheme } from '../theme.ts';
import { Stripe } from '../version.tsx';

const itemClass = 'flex h-9 items-center gap-2.5 rounded-md px-2.5 data-[selected=true]:bg-pressed pointer-coarse:h-11';
const groupClass =
  '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-meta [&_[cmdk-group-heading]]:text-ink-3';

/** Finds files, logs by id, and pages; does what has no page of its own. */
export default function CommandMenu({ onClose }: { onClose: () => void }): ReactNode {
  const { workspace } = useSession();
  const [text, setText] = useState('');
  const [making, setMaking] = useState(false);
  const [theme, setTheme] = useTheme();
  const mayWrite = useMay('write');
  const navigate = useNavigate();
  const tree = useQuery(query('files.tree'));
  const go = (to: string) => () => {
    onClose();
    void navigate({ to: `/w/${workspace.slug}${to}` });
  };
  const id = text.trim();
  if (making) return <NewFileDialog open onClose={onClose} />;
  return (
    <Command.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label="Find or do"
      data-modal
      loop
      overlayClassName="fixed inset-0 z-40 bg-[oklch(0.15_0.01_270/0.32)]"
      contentClassName="fixed top-[12vh] left-1/2 z-50 w-[min(600px,calc(100vw-24px))] -translate-x-1/2 overflow-hidden rounded-lg bg-raised shadow-float"
    >
      <Command.Input
        value={text}
        onValueChange={setText}
        autoFocus
        placeholder="A file, a log id, a page, an action"
        className="h-12 w-full border-b border-line bg-transparent px-4 text-read outline-none placeholder:text-ink-3"
      />
      <Command.List className="max-h-[min(52vh,440px)] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-8 text-center text-ink-3">Nothing is called “{text}”.</Command.Empty>
        {/^(log_|data_)\w+|^[A-Za-z0-9_-]{16,}$/.test(id) && (
          <Command.Group heading="Logs" className={groupClass} forceMount>
            <Item icon={Activity} label={`Open the log ${id}`} value={`log ${id}`} onSelect={go(`/logs/${encodeURIComponent(id)}`)} />
          </Command.Group>
        )}
        <Command.Group heading="Files" className={groupClass}>
          {tree.data?.files.map((file) => (
            <Command.Item
              key={file.id}
              value={`${file.path} ${file.type} ${file.id}`}
              onSelect={go(`/files/${file.id}`)}
              className={itemClass}
            >
              <KindIcon type={file.type} />
              <span className="min-w-0 flex-1 truncate">{file.path}</span>
              <Stripe hash={file.content_hash} />
            </Command.Item>
          ))}
        </Command.Group>
        <Command.Group heading="Pages" className={groupClass}>
          <Item icon={Home} label="Home" keys="g h" onSelect={go('')} />
          <Item icon={Activity} label="Logs" keys="g l" onSelect={go('/logs')} />
          <Item icon={ChartNoAxesColumn} label="Evaluations" keys="g e" onSelect={go('/evaluations')} />
          <Item icon={FlaskConical} label="Experiments" keys="g x" onSelect={go('/experiments')} />
          <Item icon={ThumbsUp} label="Feedback" keys="g v" onSelect={go('/feedback')} />
          <Item icon={Plug} label="Connect an app" keys="g n" onSelect={go('/connect')} />
          {settingsSections.map((section) => (
            <Item key={section.id} icon={Settings} label={`Settings: ${section.label}`} onSelect={go(`/settings/${section.id}`)} />
          ))}
        </Command.Group>
        <Command.Group heading="Actions" className={groupClass}>
          {mayWrite && <Item icon={Plus} label="New evaluation" onSelect={go('/evaluations/new')} />}
          {mayWrite && <Item icon={Plus} label="New experiment" onSelect={go('/experiments/new')} />}
          {mayWrite && <Item icon={Plus} label="New file" onSelect={() => setMaking(true)} />}
          <Item
            icon={theme === 'dark' ? Sun : Moon}
            label={theme === 'dark' ? 'Use the light theme' : 'Use the dark theme'}
            onSelect={() => {
              setTheme(theme === 'dark' ? 'light' : 'dark');
              onClose();
            }}
          />
        </Command.Group>
        {id !== '' && (
          <Command.Group heading="Search" className={groupClass} forceMount>
            <Command.Item
              forceMount
              value={`search logs ${id}`}
              onSelect={go(`/logs?q=${encodeURIComponent(JSON.stringify(JSON.stringify(id)))}`)}
              className={itemClass}
            >
              <Activity size={16} strokeWidth={1.5} className="text-ink-3" aria-hidden />
              <span className="truncate">Logs that contain “{id}”</span>
            </Command.Item>
          </Command.Group>
        )}
      </Command.List>
    </Command.Dialog>
  );
}

function KindIcon({ type }: { type: string }): ReactNode {
  const Icon = kinds[kindOf(type)].icon;
  return <Icon size={16} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-hidden />;
}

function Item({
  icon: Icon,
  label,
  keys,
  value,
  onSelect,
}: {
  icon: LucideIcon;
  label: string;
  keys?: string;
  value?: string;
  onSelect: () => void;
}): ReactNode {
  return (
    <Command.Item value={value ?? label} onSelect={onSelect} className={itemClass}>
      <Icon size={16} strokeWidth={1.5} className="text-ink-3" aria-hidden />
      <span className="min-w-0 flex-1 truncate">{label}</span>
      {keys !== undefined && <Keys keys={keys} />}
    </Command.Item>
  );
}
