import { type ReactNode, useState } from 'react';
import { FlaskConical } from 'lucide-react';
import { Button } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Notice } from '../../kit/notice.tsx';
import { GateLines } from '../../parts/deploy/gate-state.tsx';
import { useMay } from '../../parts/session.ts';
import type { StartRefusal } from './start.ts';

/** What happens when it starts, before it does. */
export function StartDialog({
  environment,
  path,
  traffic,
  arms,
  busy,
  refused,
  onStart,
  onClose,
}: {
  environment: string;
  path: string;
  /** 0 to 1. */
  traffic: number;
  arms: number;
  busy: boolean;
  /** Why it did not start; null: it was not tried, or did. */
  refused: StartRefusal | null;
  onStart: (overrideGates: string | undefined) => void;
  onClose: () => void;
}): ReactNode {
  const admin = useMay('admin');
  const [nevertheless, setNevertheless] = useState('');
  const gated = refused !== null && refused.checks.length > 0;
  const share = Number((traffic * 100).toFixed(1));
  return (
    <Dialog open onClose={onClose} title="Start the experiment?">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onStart(nevertheless.trim() === '' ? undefined : nevertheless.trim());
        }}
      >
        <ul className="flex list-disc flex-col gap-2 pl-4 text-ink-2">
          <li>
            {share === 100 ? 'All users' : `${share} % of the users`} of {path} in {environment} get one of {arms} versions from now on,
            each always the same.
          </li>
          <li>The versions are pinned: control is what is deployed now, and no arm can be edited or deleted while it runs.</li>
          <li>
            Deploying another version to {environment} is refused until the experiment is stopped. Rolling back always works. Calls that
            name a version take no part.
          </li>
          <li>What decides, its guards and its window stay as they are until it ends.</li>
        </ul>
        {refused !== null && (
          <Notice kind="error" title={gated ? `${environment} does not let an arm in` : 'It was not started'} className="mt-3">
            {gated ? <GateLines checks={refused.checks} /> : refused.message}
          </Notice>
        )}
        {gated && !admin && <p className="mt-3 text-meta text-ink-3">An admin can start it all the same, with a reason.</p>}
        {gated && admin && (
          <Field
            label="Start all the same, because"
            hint="You are an admin, so you may. The reason goes into the audit log."
            className="mt-3"
          >
            {(props) => <Input {...props} value={nevertheless} maxLength={500} onChange={(event) => setNevertheless(event.target.value)} />}
          </Field>
        )}
        <DialogActions>
          <Button onClick={onClose}>Not yet</Button>
          <Button type="submit" look="primary" icon={FlaskConical} busy={busy} disabled={gated && nevertheless.trim() === ''}>
            Start in {environment}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
