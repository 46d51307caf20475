import type { FileKind, Kernels } from '@whetstone/contract';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { KernelDiff } from '../../../parts/diff/kernel-diff.tsx';
import { changedBy, type VersionedFile } from '../../../parts/file-query.ts';
import { useAction } from '../../../parts/use-action.ts';
import { Stripe, shortHash } from '../../../parts/version.tsx';
import type { DraftState } from './use-draft.ts';

/** Keeps what is in the editor as a version, with one line of why. */
export function SaveDialog<F extends VersionedFile, C extends Kernels[FileKind]>({
  draft,
  save: saveVersion,
  placeholder,
  onClose,
  onSaved,
}: {
  draft: DraftState<F, C>;
  /** Resolves to the id of the version. */
  save: (said: { version_description: string | undefined; version_name: string | undefined }) => Promise<string>;
  /** A reason that somebody might give. */
  placeholder: string;
  onClose: () => void;
  onSaved: (versionId: string) => void;
}): ReactNode {
  const [why, setWhy] = useState('');
  const [name, setName] = useState('');
  const { busy, run } = useAction('The version was not saved', changedBy(draft.base.type));
  const save = async () => {
    let id = '';
    const saved = await run(async () => {
      id = await saveVersion({
        version_description: why.trim() === '' ? undefined : why.trim(),
        version_name: name.trim() === '' ? undefined : name.trim(),
      });
    }, 'Version saved');
    if (saved) {
      onSaved(id);
      onClose();
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      width="max-w-3xl"
      title={
        <span className="flex items-center gap-2">
          Save version <Stripe hash={draft.hash} /> <span className="num text-ink-3">{shortHash(draft.hash)}</span>
        </span>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {draft.same && (
          <Notice title="This content is a version already">
            Saving leads to {draft.same.version_name ?? shortHash(draft.same.content_hash)}; the same content twice is one version.
          </Notice>
        )}
        <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_180px]">
          <Field label="Why">
            {(props) => (
              <Input
                {...props}
                autoFocus
                value={why}
                onChange={(event) => setWhy(event.target.value)}
                maxLength={500}
                placeholder={placeholder}
              />
            )}
          </Field>
          <Field label="Name (optional)">
            {(props) => (
              <Input {...props} value={name} onChange={(event) => setName(event.target.value)} maxLength={100} placeholder="gentle" />
            )}
          </Field>
        </div>
        <div className="max-h-[42vh] overflow-y-auto">
          <KernelDiff before={draft.saved} after={draft.kernel} />
        </div>
        <DialogActions className="mt-0">
          <span className="mr-auto text-meta text-ink-3">Saving changes nothing that runs. Deploying does.</span>
          <Button type="submit" look="primary" busy={busy}>
            Save version
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
