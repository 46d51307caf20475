import type { DatasetResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Pause, Pencil, Play, Plus, RefreshCw, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../../../api/client.ts';
import { query } from '../../../../api/query.ts';
import { Badge } from '../../../../kit/badge.tsx';
import { Button, IconButton } from '../../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../../kit/dialog.tsx';
import { formatCount, formatShare } from '../../../../kit/format.ts';
import { Notice } from '../../../../kit/notice.tsx';
import { SkeletonRows } from '../../../../kit/skeleton.tsx';
import { Ago } from '../../../../kit/time.tsx';
import { changedBy } from '../../../../parts/file-query.ts';
import { useAction } from '../../../../parts/use-action.ts';
import { RuleForm } from './rule-form.tsx';

export type Rule = Answer<'dataset_rules.list'>['records'][number];
export const changedByRules = ['dataset_rules.list', 'dataset_proposals.list'] as const;

/** By which rules new logs become cases, and one of them to change. */
export function RulesDialog({
  file,
  mayWrite,
  onClose,
  onWaiting,
}: {
  file: DatasetResponse;
  mayWrite: boolean;
  onClose: () => void;
  onWaiting: () => void;
}): ReactNode {
  const rules = useQuery({ ...query('dataset_rules.list', { params: { id: file.id } }), refetchInterval: 15_000 });
  const [edited, setEdited] = useState<Rule | 'new' | null>(null);
  const records = rules.data?.records ?? [];
  const waiting = rules.data?.waiting ?? 0;
  if (edited !== null)
    return (
      <Dialog open onClose={onClose} title={edited === 'new' ? 'New rule' : `Change ${edited.name}`} width="max-w-2xl">
        <RuleForm datasetId={file.id} rule={edited === 'new' ? null : edited} onDone={() => setEdited(null)} />
      </Dialog>
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title="Rules"
      description="New logs that fit become cases of this dataset. They are looked at every minute."
      width="max-w-2xl"
    >
      {rules.isError && <Notice kind="error">The rules could not be read. Try again.</Notice>}
      {rules.isPending && <SkeletonRows count={3} />}
      {rules.data && records.length === 0 && (
        <p className="rounded-md bg-sunken px-3 py-4 text-ink-2">
          No rule yet. One for what people corrected, or for what a judge called bad, keeps this dataset close to what really happens.
        </p>
      )}
      {records.length > 0 && (
        <ul className="flex flex-col divide-y divide-line rounded-md border border-line">
          {records.map((rule) => (
            <RuleRow key={rule.id} rule={rule} mayWrite={mayWrite} onEdit={() => setEdited(rule)} />
          ))}
        </ul>
      )}
      <DialogActions>
        {waiting > 0 && <Button onClick={onWaiting}>Look through {formatCount(waiting)} waiting</Button>}
        {mayWrite && (
          <Button look="primary" icon={Plus} onClick={() => setEdited('new')}>
            New rule
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}

function RuleRow({ rule, mayWrite, onEdit }: { rule: Rule; mayWrite: boolean; onEdit: () => void }): ReactNode {
  const { busy, run } = useAction('The rule was not changed', [...changedByRules, ...changedBy('dataset')]);
  const [removing, setRemoving] = useState(false);
  const params = { id: rule.dataset_id, rule_id: rule.id };
  const on = rule.state === 'active';
  return (
    <li className="flex flex-col gap-1.5 px-3 py-2.5">
      <div className="flex items-start gap-2">
        <span className="flex min-w-0 flex-1 flex-wrap items-center gap-2 pt-1">
          <span className="min-w-0 truncate font-medium">{rule.name}</span>
          {!on && <Badge>off</Badge>}
          {rule.mode === 'add' && <Badge>adds by itself</Badge>}
        </span>
        {mayWrite && !removing && (
          <span className="flex shrink-0">
            {on && (
              <IconButton
                icon={RefreshCw}
                label="Look now"
                disabled={busy}
                onClick={() => void run(() => call('dataset_rules.run', { params }), 'Looked at what came')}
              />
            )}
            <IconButton
              icon={on ? Pause : Play}
              label={on ? 'Turn off' : 'Turn on'}
              disabled={busy}
              onClick={() => void run(() => call('dataset_rules.update', { params, body: { state: on ? 'inactive' : 'active' } }))}
            />
            <IconButton icon={Pencil} label={`Change ${rule.name}`} onClick={onEdit} />
            <IconButton icon={Trash2} label={`Delete ${rule.name}`} onClick={() => setRemoving(true)} />
          </span>
        )}
      </div>
      <p className="text-meta break-words text-ink-2">{ruleWords(rule)}</p>
      <p className="num text-meta text-ink-3">
        {formatCount(rule.counts.waiting)} waiting · {formatCount(rule.counts.added)} added · {formatCount(rule.counts.dismissed)} dismissed
        · {formatCount(rule.counts.already_there)} there already · {formatCount(rule.counts.today)} of {formatCount(rule.most_a_day)} today
        {rule.looked_at !== null && (
          <>
            {' '}
            · looked <Ago at={rule.looked_at} />
          </>
        )}
      </p>
      {rule.trouble !== null && <Notice kind="warning">{rule.trouble}</Notice>}
      {removing && (
        <div className="flex flex-wrap items-center gap-2 rounded-md bg-sunken px-3 py-2">
          <span className="min-w-0 flex-1">
            {rule.counts.waiting > 0 ? `Its ${formatCount(rule.counts.waiting)} waiting cases go with it.` : 'Cases that were added stay.'}
          </span>
          <Button size="sm" onClick={() => setRemoving(false)}>
            Keep it
          </Button>
          <Button
            size="sm"
            look="danger"
            busy={busy}
            onClick={() => void run(() => call('dataset_rules.delete', { params }), 'Rule deleted')}
          >
            Delete rule
          </Button>
        </div>
      )}
    </li>
  );
}

function ruleWords(rule: Rule): string {
  const target = { output: 'the output as target', correction: 'the correction as target', none: 'no target' }[rule.target];
  return [
    rule.rate < 1 ? `${formatShare(rule.rate)} of the logs` : 'Logs',
    rule.file === null ? 'of every file' : `of ${rule.file}`,
    ...(rule.filter === null ? [] : [`that fit ${rule.filter}`]),
    `with ${target}`,
  ].join(' ');
}
