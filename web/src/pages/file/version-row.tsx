import { Link } from '@tanstack/react-router';
import { Copy, Ellipsis, GitCompare, Pencil, Rocket, SquarePen, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, IconButton } from '../../kit/button.tsx';
import { useCopy } from '../../kit/copy.tsx';
import { cx } from '../../kit/cx.ts';
import { ConfirmDialog, Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { formatCount } from '../../kit/format.ts';
import { Menu, MenuItem, MenuLine } from '../../kit/menu.tsx';
import { Checkbox } from '../../kit/switch.tsx';
import { Ago } from '../../kit/time.tsx';
import { changedBy, pluralOf, type VersionedFile } from '../../parts/file-query.ts';
import { useLinks } from '../../parts/links.ts';
import { term } from '../../parts/logs/filter-text.ts';
import { useMay } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { shortHash, versionColour } from '../../parts/version.tsx';

export interface VersionRowProps {
  version: VersionedFile;
  previous: string | null;
  chosen: boolean;
  last: boolean;
  onChoose: () => void;
  onDeploy: () => void;
  onCompare: (parent: string) => void;
}

/** One line of history: its colour on the thread, what and why, who and when, where it runs. */
export function VersionRow({ version, previous, chosen, last, onChoose, onDeploy, onCompare }: VersionRowProps): ReactNode {
  const links = useLinks();
  const who = version.committed_by?.full_name ?? version.created_by?.full_name;
  return (
    <li
      className={cx(
        'group/version relative flex gap-3 rounded-md px-2 py-2.5 hover:bg-hover',
        chosen && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <Checkbox
        checked={chosen}
        onChange={onChoose}
        label={`Choose ${version.version_name ?? shortHash(version.content_hash)} to compare`}
        className="mt-0.5"
      />
      <span aria-hidden className="relative w-[3px] shrink-0">
        <span className="absolute inset-x-0 top-0.5 h-4 rounded-full" style={{ background: versionColour(version.content_hash) }} />
        {!last && <span className="absolute top-6 -bottom-3 left-px w-px bg-line-strong" />}
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <Link {...links.file(version.id, { version: version.version_id })} className="min-w-0 truncate font-medium hover:underline">
            {version.version_description ?? (previous === null ? 'First version' : 'No reason given')}
          </Link>
          {version.environments.map((environment) => (
            <Badge key={environment.id} tone="soft">
              <Rocket size={11} strokeWidth={1.75} aria-hidden /> {environment.name}
            </Badge>
          ))}
        </div>
        <div className="mt-0.5 flex flex-wrap items-center gap-x-3 text-meta text-ink-3">
          <span className="num">{shortHash(version.content_hash)}</span>
          {version.version_name && <span className="text-ink-2">{version.version_name}</span>}
          {version.type === 'prompt' && <span>{version.model}</span>}
          {who && <span>{who}</span>}
          <Ago at={version.version_created_at} />
          <Link
            {...links.fileLogs(version.id, { q: term('version', version.version_id), range: 'all' })}
            className="hover:text-ink hover:underline"
          >
            {formatCount(version.version_logs_count)} logs
          </Link>
        </div>
      </div>
      <div className="flex items-start gap-0.5">
        {previous !== null && (
          <IconButton
            icon={GitCompare}
            label="Compare with the one before"
            onClick={() => onCompare(version.parent_version_id ?? previous)}
            className="opacity-0 group-focus-within/version:opacity-100 group-hover/version:opacity-100 max-md:hidden"
          />
        )}
        <RowMenu version={version} onDeploy={onDeploy} />
      </div>
    </li>
  );
}

function RowMenu({ version, onDeploy }: { version: VersionedFile; onDeploy: () => void }): ReactNode {
  const mayWrite = useMay('write');
  const mayDeploy = useMay('deploy');
  const [, copy] = useCopy();
  const [open, setOpen] = useState<'name' | 'delete' | null>(null);
  const { run } = useAction('The version was not deleted', changedBy(version.type));
  const params = { id: version.id, version_id: version.version_id };
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label="More" />}>
        {mayDeploy && (
          <MenuItem icon={Rocket} onSelect={onDeploy}>
            Deploy
          </MenuItem>
        )}
        <MenuItem icon={Copy} onSelect={() => copy(version.version_id)}>
          Copy version id
        </MenuItem>
        {mayWrite && (
          <>
            <MenuItem icon={Pencil} onSelect={() => setOpen('name')}>
              Name and describe
            </MenuItem>
            <MenuLine />
            <MenuItem icon={Trash2} danger disabled={version.environments.length > 0} onSelect={() => setOpen('delete')}>
              {version.environments.length > 0 ? 'Deployed: cannot be deleted' : 'Delete version'}
            </MenuItem>
          </>
        )}
      </Menu>
      {open === 'name' && <NameDialog version={version} onClose={() => setOpen(null)} />}
      <ConfirmDialog
        open={open === 'delete'}
        onClose={() => setOpen(null)}
        title={`Delete version ${version.version_name ?? shortHash(version.content_hash)}?`}
        loss={`Its content is gone. Its ${formatCount(version.version_logs_count)} logs stay and keep its id.`}
        action="Delete version"
        onConfirm={() => run(() => call(`${pluralOf(version.type)}.delete_version`, { params }), 'Version deleted')}
      />
    </>
  );
}

function NameDialog({ version, onClose }: { version: VersionedFile; onClose: () => void }): ReactNode {
  const [name, setName] = useState(version.version_name ?? '');
  const [description, setDescription] = useState(version.version_description ?? '');
  const { busy, run } = useAction('The version was not changed', changedBy(version.type));
  const save = async () => {
    const done = await run(
      () =>
        call(`${pluralOf(version.type)}.update_version`, {
          params: { id: version.id, version_id: version.version_id },
          body: { name: name.trim() || null, description: description.trim() || null },
        }),
      'Saved',
    );
    if (done) onClose();
  };
  return (
    <Dialog open onClose={onClose} title="Name and describe">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label="Name">
          {(props) => <Input {...props} autoFocus value={name} onChange={(event) => setName(event.target.value)} maxLength={100} />}
        </Field>
        <Field label="Why">
          {(props) => <Input {...props} value={description} onChange={(event) => setDescription(event.target.value)} maxLength={500} />}
        </Field>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" icon={SquarePen} busy={busy}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
