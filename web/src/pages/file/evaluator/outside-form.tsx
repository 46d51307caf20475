import type { EvaluatorSpec, ReturnType } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { query } from '../../../api/query.ts';
import { Code } from '../../../kit/code.tsx';

const examples: Record<ReturnType, string> = { boolean: 'true', number: '0.8', select: '', multi_select: '', text: '"Too long."' };

/** How a process outside sends its judgments. */
export function OutsideForm({ spec, path }: { spec: EvaluatorSpec; path: string }): ReactNode {
  const instance = useQuery(query('instance.get'));
  const option = JSON.stringify(spec.options?.[0]?.name ?? 'good');
  const judgment =
    spec.return_type === 'select' ? option : spec.return_type === 'multi_select' ? `[${option}]` : examples[spec.return_type];
  const body = `{\n  "path": ${JSON.stringify(path)},\n  "parent_id": "LOG_ID",\n  "judgment": ${judgment},\n  "output": "why, in a sentence"\n}`;
  const url = instance.data?.url ?? window.location.origin;
  return (
    <div className="px-3 py-4 lg:px-5">
      <p className="mb-3 max-w-[72ch] text-ink-2">
        Your own process judges: a job, a data pipeline, a notebook. It sends each judgment of a log with a key that may judge, and the
        judgment counts in evaluations, charts and filters like any other.
      </p>
      <Code
        text={`curl -X POST ${url}/v5/evaluators/log \\\n  -H "X-API-KEY: YOUR_KEY" -H 'content-type: application/json' \\\n  -d '${body.replaceAll("'", "'\\''")}'`}
      />
    </div>
  );
}
