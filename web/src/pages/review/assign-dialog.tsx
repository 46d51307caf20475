import type { ReviewQueue } from '@whetstone/contract';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { useAction } from '../../parts/use-action.ts';
import { Reviewers } from './reviewers.tsx';

export function AssignDialog({ queue, onClose }: { queue: ReviewQueue; onClose: () => void }): ReactNode {
  const [assignees, setAssignees] = useState(queue.assignees.map(({ id }) => id));
  const [overlap, setOverlap] = useState(String(queue.overlap));
  const { busy, run } = useAction('The queue was not changed', ['reviews.get', 'reviews.list']);
  const save = async () => {
    const body = { assignees, overlap: Number(overlap) };
    if (await run(() => call('reviews.update', { params: { id: queue.id }, body }), 'Queue changed')) onClose();
  };
  return (
    <Dialog open onClose={onClose} title="Who reviews">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Reviewers chosen={assignees} onChange={setAssignees} />
        <Field label="People a log" hint="Two or more, to see how far they agree.">
          {(props) => (
            <Input
              {...props}
              type="number"
              min={1}
              max={20}
              required
              value={overlap}
              onChange={(event) => setOverlap(event.target.value)}
              className="num"
            />
          )}
        </Field>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
