import type { EvaluatorLogResponse, LogResponse } from '@whetstone/contract';
import { call } from '../../api/client.ts';
import { useMay } from '../session.ts';
import { useAction } from '../use-action.ts';

export type Vote = 'good' | 'bad';

/** Votes through the evaluator `feedback/vote`, which every workspace has. */
export function useVote(log: LogResponse | undefined): { may: boolean; vote: (value: Vote) => void } {
  const allowed = useMay('judge');
  const { run } = useAction('The judgment was not kept', ['logs.get', 'logs.list']);
  return {
    may: allowed && log !== undefined && log.type !== 'evaluator',
    vote: (value) => {
      if (!allowed || log === undefined) return;
      void run(() => call('evaluators.log', { body: { path: 'feedback/vote', parent_id: log.id, judgment: value, source: 'whetstone' } }), `Judged ${value}`);
    },
  };
}

/** Who judged, as far as the log says. */
export function judgeOf(judgment: EvaluatorLogResponse): string {
  const by = judgment.metadata?.judge ?? judgment.user;
  if (typeof by === 'string' && by !== '') return by;
  const type = judgment.evaluator.spec.evaluator_type;
  return type === 'human' ? (judgment.source ?? 'a person') : type === 'llm' ? 'a model' : type === 'python' ? 'code' : (judgment.source ?? 'an application');
}
