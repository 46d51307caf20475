import { lazy, type ReactNode, Suspense } from 'react';
import type { CodeLanguage } from './completion.ts';

export interface CodeProblem {
  message: string;
  /** Both from 1. */
  line: number;
  column: number;
  kind: 'error' | 'warning';
}

export interface CodeFieldProps {
  value: string;
  onChange: (value: string) => void;
  language: CodeLanguage;
  label: string;
  problems: readonly CodeProblem[];
  /** The names that the code has for what it is given, each with a real example. */
  roots: ReadonlyMap<string, unknown>;
  readOnly?: boolean;
}

const Editor = lazy(() => import('./code-field-editor.tsx'));

/** Code with line numbers, problems underlined, and the fields of a real log offered. Until it is loaded, the code to read. */
export function CodeField(props: CodeFieldProps): ReactNode {
  return (
    <Suspense fallback={<pre className="num overflow-x-auto py-1 pl-11 leading-5">{props.value}</pre>}>
      <Editor {...props} />
    </Suspense>
  );
}
