import type { ReturnType, Valence } from '@whetstone/contract';
import { Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { Select } from '../../kit/select.tsx';
import { useFeedbackKinds } from '../../parts/feedback/use-feedback-kinds.ts';
import { useAction } from '../../parts/use-action.ts';
import { chooses, empty, lackOf, type NewKind, slugOf, specOf } from './new-kind.ts';

const types: { value: ReturnType; label: string }[] = [
  { value: 'select', label: 'One of' },
  { value: 'multi_select', label: 'Several of' },
  { value: 'number', label: 'Number' },
  { value: 'text', label: 'Text' },
  { value: 'boolean', label: 'Yes or no' },
];
const meanings: { value: Valence; label: string }[] = [
  { value: 'positive', label: 'Good' },
  { value: 'negative', label: 'Bad' },
  { value: 'neutral', label: 'Neither' },
];
const more: { value: Valence; label: string }[] = [
  { value: 'positive', label: 'More is better' },
  { value: 'negative', label: 'More is worse' },
  { value: 'neutral', label: 'Neither' },
];

/** A question of the workspace's own: a human evaluator under `feedback/`. */
export function NewKindDialog({ onClose }: { onClose: () => void }): ReactNode {
  const [kind, setKind] = useState<NewKind>(empty);
  const [tried, setTried] = useState(false);
  const kinds = useFeedbackKinds() ?? [];
  const { busy, run } = useAction('The kind was not added', ['evaluators.list', 'files.tree', 'feedback.summary', 'feedback.arrivals']);
  const lack = lackOf(
    kind,
    kinds.map(({ path }) => path),
  );
  const slug = slugOf(kind.name);
  const change = (part: Partial<NewKind>) => setKind({ ...kind, ...part });
  const save = async () => {
    setTried(true);
    if (lack !== null) return;
    const question = kind.question.trim();
    const body = { path: `feedback/${slug}`, spec: specOf(kind), ...(question === '' ? {} : { description: question }) };
    if (await run(() => call('evaluators.upsert', { body }), `“${slug}” can be sent now`)) onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add a kind of feedback"
      description="It can be sent at once, and appears at logs, in charts and in filters."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label="Name" hint={slug === '' ? 'Calls name it so.' : `Calls say "kind": "${slug}".`}>
          {(props) => (
            <Input {...props} value={kind.name} onChange={(event) => change({ name: event.target.value })} placeholder="Tone" autoFocus />
          )}
        </Field>
        <Field label="Question" hint="What it means, for colleagues who answer it.">
          {(props) => (
            <Input
              {...props}
              value={kind.question}
              onChange={(event) => change({ question: event.target.value })}
              placeholder="How does the answer sound?"
            />
          )}
        </Field>
        <div>
          <div className="mb-1.5 font-medium">Answer</div>
          <div className="max-w-full overflow-x-auto">
            <Segmented label="Answer" value={kind.type} onChange={(type) => change({ type })} options={types} />
          </div>
        </div>
        {chooses(kind) && <Options kind={kind} onChange={change} />}
        {kind.type === 'number' && (
          <div className="grid grid-cols-[1fr_1fr_1.4fr] items-end gap-2">
            <Field label="From">
              {(props) => (
                <Input {...props} inputMode="decimal" value={kind.min} onChange={(event) => change({ min: event.target.value })} />
              )}
            </Field>
            <Field label="To">
              {(props) => (
                <Input {...props} inputMode="decimal" value={kind.max} onChange={(event) => change({ max: event.target.value })} />
              )}
            </Field>
            <Select label="Which way is better" value={kind.valence} onChange={(valence) => change({ valence })} options={more} />
          </div>
        )}
        {kind.type === 'boolean' && (
          <div>
            <div className="mb-1.5 font-medium">“Yes” is</div>
            <Segmented
              label="What yes means"
              value={kind.valence === 'neutral' ? 'positive' : kind.valence}
              onChange={(valence) => change({ valence })}
              options={meanings.slice(0, 2)}
            />
          </div>
        )}
        {tried && lack !== null && (
          <p role="alert" className="text-worse">
            {lack}
          </p>
        )}
        <DialogActions className="mt-0">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Add kind
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Options({ kind: { options }, onChange }: { kind: NewKind; onChange: (part: Partial<NewKind>) => void }): ReactNode {
  const set = (at: number, part: Partial<NewKind['options'][number]>) =>
    onChange({ options: options.map((option, index) => (index === at ? { ...option, ...part } : option)) });
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium">Options</legend>
      <div className="flex flex-col gap-1.5">
        {options.map((option, at) => (
          <div key={at} className="flex items-center gap-2">
            <Input
              aria-label={`Option ${at + 1}`}
              value={option.name}
              onChange={(event) => set(at, { name: event.target.value })}
              placeholder={at === 0 ? 'friendly' : at === 1 ? 'rude' : ''}
            />
            <Select
              label={`What option ${at + 1} means`}
              value={option.valence}
              onChange={(valence) => set(at, { valence })}
              options={meanings}
              className="w-28 shrink-0"
            />
            <IconButton
              icon={X}
              label={`Take option ${at + 1} out`}
              disabled={options.length <= 2}
              onClick={() => onChange({ options: options.filter((_, index) => index !== at) })}
            />
          </div>
        ))}
      </div>
      <Button
        size="sm"
        look="quiet"
        icon={Plus}
        className="mt-1.5"
        onClick={() => onChange({ options: [...options, { name: '', valence: 'neutral' }] })}
      >
        Add an option
      </Button>
    </fieldset>
  );
}
