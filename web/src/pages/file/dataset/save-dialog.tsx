import type { DatasetResponse } from '@whetstone/contract';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { ApiError, messageOf } from '../../../api/errors.ts';
import { queryKey } from '../../../api/query.ts';
import { Button } from '../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { toast } from '../../../kit/toast.tsx';
import { changedBy } from '../../../parts/file-query.ts';
import { countEdits, deltaOf, type Edits, editWords } from './edits.ts';

/** Asks for one line of why and saves what differs as a version. */
export function SaveDialog({
  file,
  newest,
  edits,
  onClose,
  onSaved,
}: {
  file: DatasetResponse;
  newest: string | null;
  edits: Edits;
  onClose: () => void;
  onSaved: (version: string) => Promise<void>;
}): ReactNode {
  const client = useQueryClient();
  const [why, setWhy] = useState('');
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ message: string; conflict: boolean } | null>(null);
  const save = async (anyway: boolean): Promise<void> => {
    setBusy(true);
    setFailed(null);
    try {
      const { dataset, created } = await call('datasets.edit', {
        params: { id: file.id },
        body: {
          base_version_id: file.version_id,
          ...(anyway || newest === null ? {} : { expected_version_id: newest }),
          ...deltaOf(edits),
          ...(why.trim() === '' ? {} : { version_description: why.trim() }),
        },
      });
      await Promise.all(changedBy('dataset').map((name) => client.invalidateQueries({ queryKey: queryKey(name) })));
      toast(created ? 'Version saved' : 'There is a version with these datapoints already');
      onClose();
      await onSaved(dataset.version_id);
    } catch (error) {
      setFailed({ message: messageOf(error), conflict: error instanceof ApiError && error.status === 409 && !anyway });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title="Save as a new version" description={editWords(countEdits(edits))}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save(false);
        }}
      >
        <Field label="Why" hint="One line for whoever looks at the versions later.">
          {(props) => <Input {...props} value={why} onChange={(event) => setWhy(event.target.value)} placeholder="Mend the refund cases" />}
        </Field>
        {failed !== null && (
          <Notice kind={failed.conflict ? 'warning' : 'error'} className="mt-3" title="Not saved">
            {failed.message}
            {failed.conflict && ' “Save on its own” makes a version of what you see, without what they did; both stay in the history.'}
          </Notice>
        )}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          {failed?.conflict === true && (
            <Button busy={busy} onClick={() => void save(true)}>
              Save on its own
            </Button>
          )}
          <Button type="submit" look="primary" busy={busy}>
            Save version
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
