import type { CheckedEvaluator, EvaluatorSpec } from '@whetstone/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { call } from '../../../api/client.ts';
import { queryKey } from '../../../api/query.ts';
import { useMay } from '../../../parts/session.ts';

const quietMs = 350;

/** What the server says of the evaluator as it is being written, once the writing pauses. */
export function useCheck(spec: EvaluatorSpec, hash: string): { found: CheckedEvaluator | null; current: boolean } {
  const may = useMay('write');
  const settled = useSettled({ spec, hash });
  const { data, isPlaceholderData } = useQuery({
    queryKey: queryKey('evaluators.check', settled.hash),
    queryFn: ({ signal }) => call('evaluators.check', { body: { spec: settled.spec }, signal }),
    enabled: may,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  return { found: data ?? null, current: data !== undefined && !isPlaceholderData && settled.hash === hash };
}

function useSettled<T extends { hash: string }>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), quietMs);
    return () => window.clearTimeout(timer);
    // The hash says whether anything changed; the object is a new one each time.
  }, [value.hash]);
  return settled;
}
