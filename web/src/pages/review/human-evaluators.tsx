import type { EvaluatorSpec } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { Checkbox } from '../../kit/checkbox.tsx';
import { useLinks } from '../../parts/links.ts';
import { choicesOf } from '../../parts/judge/choices.ts';

export interface EvaluatorFile {
  id: string;
  path: string;
  name: string;
  spec: EvaluatorSpec;
}

/** Evaluators of the workspace, by path. */
export function useEvaluators(): EvaluatorFile[] | undefined {
  const { data } = useQuery(query('evaluators.list', { query: { size: 100 } }));
  return data?.records.map(({ id, path, name, spec }) => ({ id, path, name, spec })).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Which questions are asked. */
export function HumanEvaluators({ chosen, onChange }: { chosen: readonly string[]; onChange: (ids: string[]) => void }): ReactNode {
  const links = useLinks();
  const humans = useEvaluators()?.filter(({ spec }) => spec.evaluator_type === 'human') ?? [];
  return (
    <fieldset>
      <legend className="mb-1.5 font-medium">What is asked</legend>
      <ul className="border-t border-line">
        {humans.map((evaluator) => (
          <li key={evaluator.id} className="border-b border-line">
            <label className="flex min-h-9 flex-wrap items-center gap-x-3 py-1 pointer-coarse:min-h-11">
              <Checkbox
                label={evaluator.path}
                checked={chosen.includes(evaluator.id)}
                onChange={(on) => onChange(on ? [...chosen, evaluator.id] : chosen.filter((id) => id !== evaluator.id))}
              />
              <span>{evaluator.path}</span>
              <span className="text-meta text-ink-3">{answersOf(evaluator.spec)}</span>
            </label>
          </li>
        ))}
      </ul>
      <p className="mt-1 text-meta text-ink-3">
        Each is a human evaluator. For another question make one under{' '}
        <Link {...links.files} className="text-accent-ink underline underline-offset-2">
          Files
        </Link>
        .
      </p>
    </fieldset>
  );
}

function answersOf(spec: EvaluatorSpec): string {
  const choices = choicesOf(spec);
  if (choices === null) return spec.return_type === 'number' ? 'a number' : 'words';
  return choices.length > 6 ? `${choices[0]?.label} to ${choices.at(-1)?.label}` : choices.map(({ label }) => label).join(', ');
}
