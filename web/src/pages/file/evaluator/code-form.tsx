import type { CheckedEvaluator, EvaluatorSpec } from '@whetstone/contract';
import { type ReactNode, useMemo } from 'react';
import { Notice } from '../../../kit/notice.tsx';
import { CodeField, type CodeProblem } from '../../../parts/judge/code-field.tsx';
import { listed } from './needs-line.tsx';

type CodeSpec = Extract<EvaluatorSpec, { evaluator_type: 'python' }>;

/** Code, with what is wrong with it underlined and how it will be called said below. */
export function CodeForm({
  spec,
  onChange,
  found,
  current,
  roots,
  readOnly,
}: {
  spec: CodeSpec;
  onChange: (spec: CodeSpec) => void;
  found: CheckedEvaluator | null;
  /** Whether `found` is of this very code. */
  current: boolean;
  /** What the code is given, by example: the log, and its datapoint. */
  roots: readonly [log: unknown, testcase: unknown];
  readOnly: boolean;
}): ReactNode {
  const language = spec.language === 'javascript' ? 'javascript' : 'python';
  const problems = useMemo(() => problemsOf(found), [found]);
  const [log, testcase] = roots;
  const parameters = found?.parameters ?? [];
  const named = useMemo(
    () =>
      new Map([
        ['log', log],
        ['testcase', testcase],
        [parameters[0] ?? 'log', log],
        [parameters[1] ?? 'testcase', testcase],
      ]),
    [log, testcase, parameters[0], parameters[1]],
  );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto py-2">
      <CodeField
        language={language}
        label={`Code in ${language === 'python' ? 'Python' : 'JavaScript'}`}
        value={spec.code}
        onChange={(code) => onChange({ ...spec, code })}
        problems={problems}
        roots={named}
        readOnly={readOnly}
      />
      <div className="px-3 pt-3 lg:px-5" aria-live="polite">
        {found !== null && <Calling found={found} current={current} />}
      </div>
    </div>
  );
}

function Calling({ found, current }: { found: CheckedEvaluator; current: boolean }): ReactNode {
  const [first, ...more] = found.problems;
  if (!found.checked)
    return (
      <Notice kind="warning" title="This machine cannot run the code">
        {found.message}
      </Notice>
    );
  if (first !== undefined)
    return (
      <p className="text-worse">
        Line {first.line}: {first.message}
        {more.length > 0 && <span className="text-ink-3"> and {more.length} more</span>}
      </p>
    );
  if (found.entry === null && current)
    return <p className="text-undecided">There is no function yet. The last one that is defined is called with the log.</p>;
  return (
    <div className="flex flex-col gap-1 text-meta text-ink-3">
      <p>
        Called as{' '}
        <code className="text-ink-2">
          {found.entry}({found.parameters.slice(0, 2).join(', ')})
        </code>
        {found.parameters.length < 2 && '; a second parameter gets the datapoint'}. Returns the judgment, or an object with{' '}
        <code>value</code> and <code>reason</code>. What it prints is shown beside the judgment; <code>ask()</code> asks a model.
      </p>
      {found.missing.length > 0 && (
        <p className="text-undecided">
          Not installed here: {listed([...new Set(found.missing.map(({ module }) => module))])}. WHETSTONE_PYTHON names an interpreter that
          has it; a standard module that reaches the system is kept from code.
        </p>
      )}
    </div>
  );
}

function problemsOf(found: CheckedEvaluator | null): CodeProblem[] {
  if (found === null) return [];
  return [
    ...found.problems.map((problem) => ({ ...problem, kind: 'error' as const })),
    ...found.missing.map(({ module, line }) => ({
      message: `The module ${module} is not there when this runs.`,
      line,
      column: 1,
      kind: 'warning' as const,
    })),
  ];
}
