import type { ExperimentResponse, ExperimentResult } from '@whetstone/contract';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { query, queryKey } from '../../../api/query.ts';

const liveMs = 4_000;
const quietMs = 30_000;

/** The experiment and what it found, asked again every few seconds while something can still change. */
export function useExperiment(id: string) {
  const client = useQueryClient();
  const experiment = useQuery({
    ...query('experiments.get', { params: { id } }),
    retry: false,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? liveMs : false),
  });
  const { data } = experiment;
  const result = useQuery({
    ...query('experiments.result', { params: { id } }),
    enabled: data !== undefined && data.state !== 'draft',
    placeholderData: keepPreviousData,
    retry: false,
    refetchInterval: () => (data === undefined ? false : data.state === 'running' ? liveMs : matures(data) ? quietMs : false),
  });
  const history = useQuery({
    ...query('experiments.history', { params: { id } }),
    refetchInterval: data?.state === 'running' ? quietMs / 2 : false,
  });
  const refresh = useCallback(() => {
    for (const name of ['experiments.get', 'experiments.result', 'experiments.history', 'experiments.list'] as const)
      void client.invalidateQueries({ queryKey: queryKey(name) });
  }, [client]);
  return { experiment, result, history, refresh };
}

/** After the end the windows of the last users still close. */
function matures({ ended_at: endedAt, window_hours: hours }: ExperimentResponse): boolean {
  return endedAt !== null && Date.parse(endedAt) + hours * 3_600_000 > Date.now();
}

export interface Here {
  experiment: ExperimentResponse;
  result: ExperimentResult;
  refresh: () => void;
}

export function armOf(experiment: ExperimentResponse, id: string | null): ExperimentResponse['arms'][number] | undefined {
  return experiment.arms.find((arm) => arm.id === id);
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
