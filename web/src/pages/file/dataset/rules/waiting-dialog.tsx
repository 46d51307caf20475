import type { DatasetResponse } from '@whetstone/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../../../api/client.ts';
import { messageOf } from '../../../../api/errors.ts';
import { query, queryKey } from '../../../../api/query.ts';
import { Button } from '../../../../kit/button.tsx';
import { Dialog } from '../../../../kit/dialog.tsx';
import { formatCount } from '../../../../kit/format.ts';
import { Notice } from '../../../../kit/notice.tsx';
import { SkeletonRows } from '../../../../kit/skeleton.tsx';
import { Ago } from '../../../../kit/time.tsx';
import { toast } from '../../../../kit/toast.tsx';
import { changedBy } from '../../../../parts/file-query.ts';
import { useLinks } from '../../../../parts/links.ts';
import { ReviewProposals } from '../review-proposals.tsx';
import { changedByRules } from './rules-dialog.tsx';

type Waiting = Answer<'dataset_proposals.list'>['records'][number];
const atOnce = 50;

/** The cases that rules found, one after the other; what is decided becomes one version. */
export function WaitingDialog({
  file,
  mayWrite,
  onClose,
  onSaved,
}: {
  file: DatasetResponse;
  mayWrite: boolean;
  onClose: () => void;
  onSaved: (version: string) => Promise<void>;
}): ReactNode {
  const client = useQueryClient();
  const waiting = useQuery({
    ...query('dataset_proposals.list', { params: { id: file.id }, query: { size: atOnce } }),
    // What is being looked through does not change under the eye.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    gcTime: 0,
  });
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const records = waiting.data?.records ?? [];
  const decide = async (accepted: readonly { index: number; datapoint: Waiting['datapoint'] }[], rejected: readonly number[]) => {
    setBusy(true);
    setFailed(null);
    try {
      const idOf = (index: number): string => records[index]?.id ?? '';
      const { dataset, added, dismissed } = await call('dataset_proposals.decide', {
        params: { id: file.id },
        body: { accept: accepted.map(({ index, datapoint }) => ({ id: idOf(index), datapoint })), dismiss: rejected.map(idOf) },
      });
      const stale = [...changedByRules, ...changedBy('dataset')];
      await Promise.all(stale.map((name) => client.invalidateQueries({ queryKey: queryKey(name) })));
      toast(wordsOf(added, dismissed));
      onClose();
      if (added > 0) await onSaved(dataset.version_id);
    } catch (error) {
      setFailed(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  const more = (waiting.data?.total ?? 0) - records.length;
  return (
    <Dialog open onClose={onClose} title="Cases from logs" width="max-w-3xl">
      {waiting.isPending && <SkeletonRows count={4} />}
      {waiting.isError && <Notice kind="error">{messageOf(waiting.error)}</Notice>}
      {waiting.data && !mayWrite && <Notice className="mb-3">You may look at them; an editor decides.</Notice>}
      {waiting.data && (
        <ReviewProposals
          proposals={records.map((each) => ({ datapoint: each.datapoint, note: <From waiting={each} /> }))}
          about={more > 0 ? `, and ${formatCount(more)} more after these` : ''}
          empty="Nothing waits. What the rules find is here."
          busy={busy || !mayWrite}
          failed={failed}
          back={<Button onClick={onClose}>Later</Button>}
          rejects
          onSave={(accepted, rejected) => void decide(accepted, rejected)}
        />
      )}
    </Dialog>
  );
}

function From({ waiting }: { waiting: Waiting }): ReactNode {
  const links = useLinks();
  return (
    <p className="mt-1 text-meta text-ink-3">
      {waiting.rule} · found <Ago at={waiting.found_at} /> ·{' '}
      <Link {...links.log(waiting.log_id)} target="_blank" className="underline">
        the log
      </Link>
    </p>
  );
}

function wordsOf(added: number, dismissed: number): string {
  const parts = [...(added > 0 ? [`${added} added`] : []), ...(dismissed > 0 ? [`${dismissed} dismissed`] : [])];
  return parts.length === 0 ? 'They were in the dataset already' : parts.join(', ');
}
