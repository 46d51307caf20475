import type { LogResponse } from '@whetstone/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { call } from '../../../api/client.ts';
import { query, queryKey } from '../../../api/query.ts';
import { useStored } from '../../../kit/stored.ts';

export const sizes = ['10', '25', '50', '100'] as const;
interface Choice {
  /** Null: of any file. */
  file: string | null;
  size: (typeof sizes)[number];
}

/** The logs that an evaluator is tried on: the newest of a file, and those that were named. They stay until others are asked for. */
export interface Sample extends Choice {
  logs: LogResponse[];
  pending: boolean;
  error: Error | null;
  choose: (choice: Partial<Choice>) => void;
  refresh: () => void;
  /** Puts a log before the others. @throws ApiError when there is none of this id */
  add: (id: string) => Promise<void>;
  /** The one log that is looked at. */
  here: LogResponse | null;
  look: (id: string) => void;
  /** What the evaluator is given of it, by the server's own word. */
  given: { log: unknown; testcase: unknown };
  /** A datapoint to write code by: its own, else that of another log. */
  testcase: unknown;
}

// What judges said while they judged is no log that anybody wants judged.
const origins = ['api', 'gateway', 'otel', 'playground', 'replay', 'import', 'agent', 'demo'];

export function useSample(slug: string, evaluatorId: string): Sample {
  const client = useQueryClient();
  const [choice, store] = useStored<Choice>(`whetstone.sample.${slug}.${evaluatorId}`, { file: null, size: '50' });
  const [added, setAdded] = useState<LogResponse[]>([]);
  const [at, setAt] = useState<string | null>(null);
  const scope = choice.file === null ? { origin: origins } : { file_id: [choice.file] };
  const key = queryKey('logs.list', { sample: choice });
  const list = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      call('logs.list', { query: { ...scope, size: Number(choice.size), summary: true, count: false, sort: '-at' }, signal }),
    staleTime: Infinity,
  });
  const logs = useMemo(() => {
    const newest = list.data?.records ?? [];
    return [...added, ...newest.filter((log) => !added.some((one) => one.id === log.id))];
  }, [list.data, added]);
  const here = logs.find(({ id }) => id === at) ?? logs[0] ?? null;
  const subject = useQuery(subjectQuery(here?.id));
  const other = logs.find((log) => log.source_datapoint_id !== null && log.id !== here?.id);
  const lacks = subject.data !== undefined && subject.data.testcase === null;
  const example = useQuery(subjectQuery(lacks ? other?.id : undefined));
  return {
    ...choice,
    logs,
    pending: list.isPending,
    error: list.error,
    choose: (change) => {
      store({ ...choice, ...change });
      setAdded([]);
    },
    refresh: () => void client.invalidateQueries({ queryKey: key }),
    add: async (id) => {
      const log = await call('logs.get', { params: { id } });
      setAdded((before) => [log, ...before.filter((one) => one.id !== log.id)]);
      setAt(log.id);
    },
    here,
    look: setAt,
    given: { log: subject.data?.log ?? null, testcase: subject.data?.testcase ?? null },
    testcase: subject.data?.testcase ?? example.data?.testcase ?? null,
  };
}

function subjectQuery(id: string | undefined) {
  return { ...query('evaluators.subject', { query: { log_id: id ?? '' } }), enabled: id !== undefined, staleTime: Infinity, retry: false };
}
