import type { FileKind, Kernels } from '@whetstone/contract';
import { diffKernels } from '@whetstone/domain';
import { Save, Undo2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button, IconButton } from '../../../kit/button.tsx';
import { Dialog } from '../../../kit/dialog.tsx';
import { Keys } from '../../../kit/keys.tsx';
import { Select } from '../../../kit/select.tsx';
import { Tip } from '../../../kit/tip.tsx';
import { Ago } from '../../../kit/time.tsx';
import { toast } from '../../../kit/toast.tsx';
import { KernelDiff } from '../../../parts/diff/kernel-diff.tsx';
import type { VersionedFile } from '../../../parts/file-query.ts';
import { NotKept } from '../../../parts/prompt/not-kept.tsx';
import { useMay } from '../../../parts/session.ts';
import { shortHash, Stripe, VersionMark } from '../../../parts/version.tsx';
import type { DraftState } from './use-draft.ts';

/** Which version this is, what was changed since, and keeping it. */
export function VersionBar<F extends VersionedFile, C extends Kernels[FileKind]>({
  draft,
  versions,
  onSave,
  onVersion,
}: {
  draft: DraftState<F, C>;
  versions: readonly F[];
  onSave: () => void;
  onVersion: (id: string) => void;
}): ReactNode {
  const mayWrite = useMay('write');
  const [diffing, setDiffing] = useState(false);
  const changes = draft.dirty ? diffKernels(draft.saved, draft.kernel).length : 0;
  const discard = () => {
    const { kernel } = draft;
    draft.discard();
    toast('Changes discarded', { action: { label: 'Undo', run: () => draft.set(kernel) } });
  };
  return (
    <>
      <div className="hairline-b flex h-10 shrink-0 items-center gap-1 px-2 lg:px-4">
        <Select
          bare
          label="Version"
          value={draft.base.version_id}
          onChange={onVersion}
          disabled={draft.dirty}
          options={versions.map((one) => ({
            value: one.version_id,
            label: <VersionMark hash={one.content_hash} name={one.version_name} />,
            hint: one.environments.map((environment) => environment.name).join(', '),
          }))}
          className="min-w-0"
        />
        {draft.dirty && (
          <>
            <span className="text-ink-3">→</span>
            <Tip label={draft.same ? 'A saved version has exactly this content' : 'Unsaved: its colour will be this one'}>
              <span className="flex items-center gap-1.5 px-1.5">
                <Stripe hash={draft.hash} />
                <span className="num text-ink-2">{draft.same?.version_name ?? shortHash(draft.hash)}</span>
              </span>
            </Tip>
          </>
        )}
        {!draft.dirty && (
          <span className="truncate text-meta text-ink-3">
            saved <Ago at={draft.base.version_created_at} />
          </span>
        )}
        {draft.restoredFrom !== null && (
          <span className="truncate text-meta text-ink-3 max-md:hidden">
            your draft from <Ago at={draft.restoredFrom} />
          </span>
        )}
        {draft.dirty && !draft.kept && <NotKept />}
        <span className="flex-1" />
        {draft.dirty && (
          <>
            <Button look="quiet" size="sm" onClick={() => setDiffing(true)}>
              {changes === 1 ? '1 change' : `${changes} changes`}
            </Button>
            <IconButton icon={Undo2} label="Discard the changes" onClick={discard} />
          </>
        )}
        {mayWrite && (
          <Button icon={Save} disabled={!draft.dirty} onClick={onSave}>
            Save<span className="max-md:hidden">version</span>
            <span className="max-lg:hidden">
              <Keys keys="mod+s" />
            </span>
          </Button>
        )}
      </div>
      <Dialog
        open={diffing}
        onClose={() => setDiffing(false)}
        title="Unsaved changes"
        description={`Against ${draft.base.version_name ?? shortHash(draft.base.content_hash)}, from which this was edited.`}
        width="max-w-4xl"
      >
        <KernelDiff before={draft.saved} after={draft.kernel} />
      </Dialog>
    </>
  );
}
