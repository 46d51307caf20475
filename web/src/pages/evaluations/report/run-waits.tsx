import type { RunResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { query } from '../../../api/query.ts';
import { Code } from '../../../kit/code.tsx';
import { isVersioned, pluralOf } from '../../../parts/file-query.ts';

/** A run that waits for the caller's own program: what to log so that it goes on. */
export function RunWaits({ run }: { run: RunResponse }): ReactNode {
  const instance = useQuery(query('instance.get'));
  const { version } = run;
  const plural = version !== null && isVersioned(version.type) ? pluralOf(version.type) : 'flows';
  const url = instance.data?.url ?? window.location.origin;
  return (
    <details className="pb-3">
      <summary className="text-ink-2">Waits for logs of your own program. How to log them</summary>
      <p className="my-2 max-w-[80ch] text-ink-3">
        For every datapoint of the dataset log what came out, with the run and the datapoint. It is judged as it comes in.
      </p>
      <Code
        text={`curl ${url}/v5/${plural}/log \\
  -H "X-API-KEY: YOUR_KEY" -H "Content-Type: application/json" \\
  -d '{ "id": "${version?.id ?? 'FILE_ID'}", "run_id": "${run.id}", "source_datapoint_id": "DATAPOINT_ID", "inputs": {}, "output": "What came out" }'`}
      />
    </details>
  );
}
