import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../../../api/client.ts';
import { messageOf } from '../../../../api/errors.ts';
import { query } from '../../../../api/query.ts';
import { Button } from '../../../../kit/button.tsx';
import { DialogActions } from '../../../../kit/dialog.tsx';
import { Field, Input } from '../../../../kit/field.tsx';
import { formatCount } from '../../../../kit/format.ts';
import { Notice } from '../../../../kit/notice.tsx';
import { Segmented } from '../../../../kit/segmented.tsx';
import { Select } from '../../../../kit/select.tsx';
import { CaseText } from '../../../../parts/dataset/case-text.tsx';
import { filterProblem } from '../../../../parts/logs/filter-text.ts';
import { useAction } from '../../../../parts/use-action.ts';
import { changedByRules, type Rule } from './rules-dialog.tsx';

const everyFile = '*';
const teaches = {
  output: 'What was answered is what should come out: for logs whose answer is right.',
  correction: 'What a person wrote that the answer should have been. A log becomes a case when somebody corrects it.',
  none: 'Inputs and messages only; what should come out is written later.',
};

interface Fields {
  name: string;
  file: string;
  filter: string;
  percent: string;
  most: string;
  target: Rule['target'];
  tags: string;
  split: string;
  mode: Rule['mode'];
  batch: string;
}

/** Which logs become cases, how many, and whether somebody looks first. */
export function RuleForm({ datasetId, rule, onDone }: { datasetId: string; rule: Rule | null; onDone: () => void }): ReactNode {
  const [fields, setFields] = useState<Fields>(() => fieldsOf(rule));
  const set = (change: Partial<Fields>): void => setFields((before) => ({ ...before, ...change }));
  const { busy, run } = useAction(rule === null ? 'The rule was not made' : 'The rule was not changed', changedByRules);
  const wrong = fields.filter.trim() === '' ? null : filterProblem(fields.filter);
  const preview = useMutation({
    mutationFn: () => call('dataset_rules.preview', { params: { id: datasetId }, body: choiceOf(fields) }),
  });
  const save = async () => {
    const body = {
      ...choiceOf(fields),
      name: fields.name.trim(),
      most_a_day: Number(fields.most),
      mode: fields.mode,
      batch: Number(fields.batch),
    };
    const done = await run(
      () =>
        rule === null
          ? call('dataset_rules.create', { params: { id: datasetId }, body })
          : call('dataset_rules.update', { params: { id: datasetId, rule_id: rule.id }, body }),
      rule === null ? 'New logs are looked at from now on' : 'Rule changed',
    );
    if (done) onDone();
  };
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Field label="Name">
        {(props) => (
          <Input
            {...props}
            required
            value={fields.name}
            maxLength={200}
            placeholder="What people corrected"
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <WhichLogs fields={fields} set={set} wrong={wrong} />
      <div className="flex flex-col items-start gap-1.5">
        <span className="font-medium">Target</span>
        <Segmented
          label="Target"
          value={fields.target}
          onChange={(target) => set({ target })}
          options={[
            { value: 'output', label: 'The output' },
            { value: 'correction', label: 'The correction' },
            { value: 'none', label: 'None yet' },
          ]}
        />
        <p className="text-meta text-ink-3">{teaches[fields.target]}</p>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Tags" hint="Words with commas between.">
          {(props) => <Input {...props} value={fields.tags} onChange={(event) => set({ tags: event.target.value })} />}
        </Field>
        <Field label="Split" hint="train, validation, test or any word.">
          {(props) => <Input {...props} value={fields.split} onChange={(event) => set({ split: event.target.value })} />}
        </Field>
      </div>
      <div className="flex flex-col items-start gap-1.5">
        <span className="font-medium">What it finds</span>
        <Segmented
          label="What it finds"
          value={fields.mode}
          onChange={(mode) => set({ mode })}
          options={[
            { value: 'review', label: 'Waits for a person' },
            { value: 'add', label: 'Is added by itself' },
          ]}
        />
        {fields.mode === 'review' ? (
          <p className="text-meta text-ink-3">Somebody accepts, changes or dismisses each case before it is in the dataset.</p>
        ) : (
          <Field label="A new version once so many wait" hint="Or when the first has waited a day. Nothing is deployed." className="w-full">
            {(props) => <Count {...props} value={fields.batch} onText={(batch) => set({ batch })} />}
          </Field>
        )}
      </div>
      {preview.data && <Preview found={preview.data} most={Number(fields.most)} />}
      {preview.isError && (
        <Notice kind="error" title="It could not be looked up">
          {messageOf(preview.error)}
        </Notice>
      )}
      <DialogActions className="mt-0">
        <Button onClick={onDone}>Back</Button>
        <Button busy={preview.isPending} disabled={wrong !== null} onClick={() => preview.mutate()}>
          What would it have found?
        </Button>
        <Button type="submit" look="primary" busy={busy} disabled={wrong !== null || fields.name.trim() === ''}>
          {rule === null ? 'Make rule' : 'Save'}
        </Button>
      </DialogActions>
    </form>
  );
}

function WhichLogs({ fields, set, wrong }: { fields: Fields; set: (change: Partial<Fields>) => void; wrong: string | null }): ReactNode {
  const tree = useQuery(query('files.tree'));
  const runnable = (tree.data?.files ?? []).filter(({ type }) => type !== 'dataset' && type !== 'evaluator');
  return (
    <>
      <Field label="Logs of">
        {(props) => (
          <Select
            id={props.id}
            label="Logs of"
            value={fields.file}
            onChange={(file) => set({ file })}
            options={[
              { value: everyFile, label: 'Every file' },
              ...runnable.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map((each) => ({ value: each.id, label: each.path })),
            ]}
          />
        )}
      </Field>
      <Field
        label="That fit a filter"
        hint="As on the page of logs: environment:production, judged:quality/vote=bad, latency>2s. Empty: all."
        error={wrong}
      >
        {(props) => (
          <Input
            {...props}
            value={fields.filter}
            onChange={(event) => set({ filter: event.target.value })}
            className="font-mono text-[12px]"
            spellCheck={false}
          />
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Share of them, %">
          {(props) => (
            <Input
              {...props}
              required
              type="number"
              min={0.0001}
              max={100}
              step="any"
              value={fields.percent}
              onChange={(event) => set({ percent: event.target.value })}
              className="num"
            />
          )}
        </Field>
        <Field label="Cases a day, at most" hint="What fits beyond them is left out.">
          {(props) => <Count {...props} value={fields.most} onText={(most) => set({ most })} />}
        </Field>
      </div>
    </>
  );
}

function Count({ value, onText, ...props }: { id: string; value: string; onText: (text: string) => void }): ReactNode {
  return (
    <Input
      {...props}
      required
      type="number"
      min={1}
      max={10_000}
      step={1}
      value={value}
      onChange={(event) => onText(event.target.value)}
      className="num"
    />
  );
}

/** It comes below what is on the screen. */
const showed = (section: HTMLElement | null): void => section?.scrollIntoView({ block: 'nearest' });

function Preview({ found, most }: { found: Answer<'dataset_rules.preview'>; most: number }): ReactNode {
  const beyond = found.logs > most * 7;
  return (
    <section
      ref={showed}
      aria-label="What it would have found"
      className="flex flex-col gap-2 rounded-md border border-line px-3 py-2.5 scroll-mb-20"
    >
      <p>
        <span className="num">{formatCount(found.logs)}</span> {found.logs === 1 ? 'log' : 'logs'} in the last seven days
        {found.logs > found.looked_at && `, of which ${formatCount(found.looked_at)} were looked at`}:{' '}
        <span className="num">{formatCount(found.cases - found.already_there)}</span> new cases
        {found.already_there > 0 && `, ${formatCount(found.already_there)} in the dataset already`}.
        {beyond && ` At ${formatCount(most)} a day not all of them would come in.`}
      </p>
      {found.skipped.map(({ reason, count }) => (
        <p key={reason} className="num text-meta text-ink-3">
          {formatCount(count)}: {reason}
        </p>
      ))}
      {found.examples.map(({ log_id, datapoint }) => (
        <div key={log_id} className="border-t border-line pt-2">
          <CaseText datapoint={datapoint as never} />
        </div>
      ))}
    </section>
  );
}

function fieldsOf(rule: Rule | null): Fields {
  return {
    name: rule?.name ?? '',
    file: rule?.file_id ?? everyFile,
    filter: rule?.filter ?? '',
    percent: String(Number(((rule?.rate ?? 1) * 100).toPrecision(6))),
    most: String(rule?.most_a_day ?? 50),
    target: rule?.target ?? 'correction',
    tags: rule?.tags.join(', ') ?? '',
    split: rule?.split ?? '',
    mode: rule?.mode ?? 'review',
    batch: String(rule?.batch ?? 100),
  };
}

function choiceOf(fields: Fields) {
  return {
    file_id: fields.file === everyFile ? null : fields.file,
    filter: fields.filter.trim() === '' ? null : fields.filter.trim(),
    rate: Number(fields.percent) / 100,
    target: fields.target,
    target_key: 'output',
    tags: fields.tags.split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()])),
    split: fields.split.trim() === '' ? null : fields.split.trim(),
  };
}
