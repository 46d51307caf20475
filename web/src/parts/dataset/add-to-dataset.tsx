import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Answer, call, type Input as CallInput } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { formatCount } from '../../kit/format.ts';
import { Notice } from '../../kit/notice.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { Select } from '../../kit/select.tsx';
import { DeployDialog } from '../deploy/deploy-dialog.tsx';
import { StillDeployed } from '../deploy/still-deployed.tsx';
import { changedBy } from '../file-query.ts';
import { useLinks } from '../links.ts';
import { useAction } from '../use-action.ts';

type Body = CallInput<'datasets.add_from_logs'>['body'];
/** The logs themselves, or all that a filter finds. */
export type LogsToAdd = Pick<Body, 'log_ids' | 'filter' | 'file_id' | 'start_date' | 'end_date'>;
type Target = 'output' | 'correction' | 'none';

const newDataset = ' new';
const teaches: Record<Target, string> = {
  output: 'What was answered is what should come out: for logs whose answer is right.',
  correction: 'What a person wrote that the answer should have been. Logs that nobody corrected are left out.',
  none: 'Inputs and messages only; what should come out is written later.',
};

/** Makes cases of logs, in a dataset that is there or in a new one. */
export default function AddToDatasetDialog({
  logs,
  what,
  target: wanted = 'output',
  onClose,
}: {
  logs: LogsToAdd;
  /** "3 logs" */
  what: string;
  target?: Target;
  onClose: (added: boolean) => void;
}): ReactNode {
  const links = useLinks();
  const navigate = useNavigate();
  const tree = useQuery(query('files.tree'));
  const datasets = (tree.data?.files ?? []).filter((file) => file.type === 'dataset').toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const [chosen, setChosen] = useState<string | null>(null);
  const [path, setPath] = useState('datasets/from-logs');
  const [target, setTarget] = useState<Target>(wanted);
  const [tags, setTags] = useState('');
  const [split, setSplit] = useState('');
  const [done, setDone] = useState<Answer<'datasets.add_from_logs'> | null>(null);
  const [deploying, setDeploying] = useState<string | null>(null);
  const { busy, run } = useAction('The logs were not added', changedBy('dataset'));
  const deployment = useAction('The cases were saved, but the dataset is still deployed without them', changedBy('dataset'));
  const id = chosen ?? datasets[0]?.id ?? newDataset;
  const add = async () => {
    let empty: Answer<'datasets.upsert'> | null = null;
    let added: Answer<'datasets.add_from_logs'> | null = null;
    await run(async () => {
      empty = id === newDataset ? await call('datasets.upsert', { body: { path: path.trim(), action: 'add', datapoints: [] } }) : null;
      const list = tags.split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()]));
      const body = {
        ...logs,
        limit: 10_000,
        target,
        target_key: 'output',
        tags: list,
        ...(split.trim() === '' ? {} : { split: split.trim() }),
        version_description: `From ${what}`,
      };
      added = await call('datasets.add_from_logs', { params: { id: empty?.id ?? id }, body });
      setDone(added);
    });
    await deployment.run(() => deployInstead(empty, added));
  };
  if (done !== null && deploying !== null)
    return (
      <DeployDialog
        kind="dataset"
        fileId={done.dataset.id}
        versionId={done.dataset.version_id}
        environmentId={deploying}
        onClose={() => onClose(true)}
      />
    );
  if (done !== null)
    return (
      <Dialog open onClose={() => onClose(true)} title={`Added to ${done.dataset.path}`}>
        <p>
          {formatCount(done.added)} added
          {done.already_there > 0 && `, ${formatCount(done.already_there)} there already`}
          {done.skipped_total > 0 && `, ${formatCount(done.skipped_total)} left out`}.
        </p>
        {done.skipped_total > 0 && (
          <Notice className="mt-3" title="Left out">
            {reasonsOf(done).map(([reason, count]) => (
              <div key={reason}>
                {formatCount(count)}: {reason}
              </div>
            ))}
          </Notice>
        )}
        {done.added > 0 && (
          <StillDeployed
            kind="dataset"
            fileId={done.dataset.id}
            versionId={done.dataset.version_id}
            className="mt-3 rounded-md"
            onDeploy={setDeploying}
          />
        )}
        <DialogActions>
          <Button onClick={() => onClose(true)}>Stay here</Button>
          <Button look="primary" onClick={() => void navigate(links.file(done.dataset.id, { version: done.dataset.version_id }))}>
            Open the dataset
          </Button>
        </DialogActions>
      </Dialog>
    );
  return (
    <Dialog open onClose={() => onClose(false)} title={`Add ${what} to a dataset`}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <Field label="Dataset">
          {(props) => (
            <Select
              id={props.id}
              label="Dataset"
              value={id}
              onChange={setChosen}
              options={[...datasets.map((file) => ({ value: file.id, label: file.path })), { value: newDataset, label: 'A new dataset' }]}
            />
          )}
        </Field>
        {id === newDataset && (
          <Field label="Path">
            {(props) => <Input {...props} value={path} onChange={(event) => setPath(event.target.value)} spellCheck={false} />}
          </Field>
        )}
        <div className="flex flex-col items-start gap-1.5">
          <span className="font-medium">Target</span>
          <Segmented
            label="Target"
            value={target}
            onChange={setTarget}
            options={[
              { value: 'output', label: 'The output' },
              { value: 'correction', label: 'The correction' },
              { value: 'none', label: 'None yet' },
            ]}
          />
          <p className="text-meta text-ink-3">{teaches[target]}</p>
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Tags" hint="Words with commas between.">
            {(props) => <Input {...props} value={tags} onChange={(event) => setTags(event.target.value)} />}
          </Field>
          <Field label="Split" hint="train, validation, test or any word.">
            {(props) => <Input {...props} value={split} onChange={(event) => setSplit(event.target.value)} />}
          </Field>
        </div>
        <p className="text-meta text-ink-3">
          Saved as a new version. Each case keeps the id of its log; a case that is there is not added again.
        </p>
        <DialogActions>
          <Button onClick={() => onClose(false)}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy} disabled={tree.data === undefined || (id === newDataset && path.trim() === '')}>
            Add to dataset
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function reasonsOf({ skipped }: Answer<'datasets.add_from_logs'>): [string, number][] {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts];
}

/** A new dataset is deployed as it was made, empty: whoever names it by its path is to get the cases. */
async function deployInstead(empty: Answer<'datasets.upsert'> | null, added: Answer<'datasets.add_from_logs'> | null): Promise<void> {
  if (empty === null || added === null) return;
  for (const environment of empty.environments ?? [])
    await call('datasets.set_deployment', {
      params: { id: empty.id, environment_id: environment.id },
      query: { version_id: added.dataset.version_id },
    });
}
