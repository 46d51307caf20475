import type { ReviewEvaluator } from '@whetstone/contract';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { useLinks } from '../../parts/links.ts';
import { useAction } from '../../parts/use-action.ts';
import { Reviewers } from './reviewers.tsx';

export function LabelNextDialog({
  judge,
  population,
  onClose,
}: {
  judge: ReviewEvaluator;
  population: { human_id: string; file_id?: string; environment?: string; from?: string; run_id?: string };
  onClose: () => void;
}): ReactNode {
  const links = useLinks();
  const navigate = useNavigate();
  const [budget, setBudget] = useState('50');
  const [assignees, setAssignees] = useState<string[]>([]);
  const { busy, run } = useAction('The queue was not made', ['reviews.list']);
  const save = () =>
    run(async () => {
      const queue = await call('evaluators.label_next', {
        params: { id: judge.id },
        body: { ...population, budget: Number(budget), assignees },
      });
      await navigate(links.reviewQueue(queue.id));
    }, 'Queue made');
  return (
    <Dialog
      open
      onClose={onClose}
      title="Label next"
      description={`Chooses the logs on which ${judge.name} is likeliest to err, and 30 % evenly, so that what choosing saves is measured. Each is chosen by chance with a probability that is kept, so about as many as you say.`}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label="About how many labels">
          {(props) => (
            <Input
              {...props}
              type="number"
              min={1}
              max={5000}
              required
              value={budget}
              onChange={(event) => setBudget(event.target.value)}
              className="num"
            />
          )}
        </Field>
        <Reviewers chosen={assignees} onChange={setAssignees} />
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy}>
            Make the queue
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
