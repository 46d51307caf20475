import type { JudgmentValue, LogResponse } from '@whetstone/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { call } from '../../api/client.ts';
import { messageOf } from '../../api/errors.ts';
import { queryKey } from '../../api/query.ts';
import { toastError } from '../../kit/toast.tsx';
import { judgmentsOf } from '../logs/log-file.ts';
import { useMay, useSession } from '../session.ts';
import type { FeedbackKind } from './kinds.ts';
import { afterwards, type Change, ownOf } from './own.ts';

/** One's own feedback on a log, as a colleague: shown as said before the server has it, and taken back when it is refused. */
export function useOwnFeedback(log: LogResponse | undefined): {
  may: boolean;
  own: (kind: FeedbackKind) => JudgmentValue | null;
  say: (kind: FeedbackKind, change: Change, comment?: string) => void;
} {
  const { user } = useSession();
  const may = useMay('judge') && log !== undefined && log.type !== 'evaluator';
  const client = useQueryClient();
  // One after the other: the second press may take back what the first one said.
  const last = useRef(Promise.resolve());
  const id = log?.id ?? '';
  const key = queryKey('logs.get', { params: { id } });
  const send = async (kind: FeedbackKind, { body }: Change, comment?: string) => {
    try {
      await call('feedback.create', { body: { log_id: id, ...body, ...(comment === undefined ? {} : { comment }) } });
    } catch (error) {
      toastError(`The feedback “${kind.name}” was not kept`, messageOf(error));
    }
  };
  return {
    may,
    own: (kind) => (log === undefined ? null : (ownOf(judgmentsOf(log), kind.id, user.id)?.judgment ?? null)),
    say: (kind, change, comment) => {
      if (!may) return;
      void client.cancelQueries({ queryKey: key });
      client.setQueryData<LogResponse>(key, (seen) =>
        seen === undefined || 'evaluator' in seen
          ? seen
          : { ...seen, evaluator_logs: afterwards(seen.evaluator_logs, kind, user.id, change.after, new Date().toISOString()) },
      );
      const mine = last.current.then(() => send(kind, change, comment));
      last.current = mine;
      void mine.then(async () => {
        // While more is on its way, what the server has is behind what is shown.
        if (last.current !== mine) return;
        await Promise.all(
          (['logs.get', 'logs.list', 'feedback.summary', 'feedback.arrivals'] as const).map((name) =>
            client.invalidateQueries({ queryKey: queryKey(name) }),
          ),
        );
      });
    },
  };
}
