import { ChartNoAxesColumn, Copy, Ellipsis, FlaskConical, Pencil, Rocket, SquarePen, Trash2 } from 'lucide-react';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { useCopy } from '../../kit/copy.tsx';
import { ConfirmDialog, Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { formatCount } from '../../kit/format.ts';
import { Menu, MenuItem, MenuLine } from '../../kit/menu.tsx';
import { changedBy, pluralOf, type VersionedFile } from '../../parts/file-query.ts';
import { useLinks } from '../../parts/links.ts';
import { useMay } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { shortHash } from '../../parts/version.tsx';

/** What can be done with a version. */
export function VersionMenu({ version, onDeploy }: { version: VersionedFile; onDeploy: () => void }): ReactNode {
  const mayWrite = useMay('write');
  const mayDeploy = useMay('deploy');
  const navigate = useNavigate();
  const links = useLinks();
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
        {mayWrite && (version.type === 'prompt' || version.type === 'agent' || version.type === 'tool') && (
          <MenuItem
            icon={ChartNoAxesColumn}
            onSelect={() => void navigate(links.newEvaluation({ file: version.id, version: version.version_id }))}
          >
            Evaluate
          </MenuItem>
        )}
        {mayWrite && (version.type === 'prompt' || version.type === 'agent') && (
          <MenuItem
            icon={FlaskConical}
            onSelect={() => void navigate(links.newExperiment({ file: version.id, version: version.version_id }))}
          >
            New experiment
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
