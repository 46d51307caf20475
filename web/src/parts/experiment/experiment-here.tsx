import type { ExperimentResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { buttonClass } from '../../kit/button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { useLinks } from '../links.ts';

/** The experiment that runs with a file in an environment; null while none does, or nobody knows. */
export function useExperimentHere(kind: string, fileId: string, environmentId: string | undefined): ExperimentResponse | null {
  const running = useQuery({
    ...query('experiments.list', { query: { file_id: fileId, state: 'running' } }),
    enabled: kind === 'prompt' || kind === 'agent',
    staleTime: 0,
  });
  return running.data?.records.find((one) => one.environment.id === environmentId) ?? null;
}

/** What stands in the way of a deployment, and that one button does both. */
export function ExperimentRuns({ experiment }: { experiment: ExperimentResponse }): ReactNode {
  const links = useLinks();
  return (
    <Notice
      kind="warning"
      title={`The experiment “${experiment.name}” runs here`}
      actions={
        <Link {...links.experiment(experiment.id)} className={buttonClass({ size: 'sm' })}>
          Open it
        </Link>
      }
    >
      Its control is what is deployed to {experiment.environment.name}, so deploying ends it. {experiment.words ?? 'It has no answer yet.'}
    </Notice>
  );
}
