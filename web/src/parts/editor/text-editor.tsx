import { lazy, type ReactNode, Suspense } from 'react';
import { cx } from '../../kit/cx.ts';

export interface TextEditorProps {
  value: string;
  onChange: (value: string) => void;
  language: 'template' | 'jinja' | 'json' | 'plain';
  label: string;
  placeholder?: string;
  /** Names offered after `{{`. */
  variables?: readonly string[];
  readOnly?: boolean;
  className?: string;
}

const CodeEditor = lazy(() => import('./code-editor.tsx'));

/** An editor that grows with its text. Until it is loaded, the text stands where it will stand. */
export function TextEditor(props: TextEditorProps): ReactNode {
  return (
    <Suspense
      fallback={
        <div
          className={cx(
            'whitespace-pre-wrap wrap-anywhere',
            props.language === 'json' ? 'font-mono text-[12px] leading-5' : 'text-read',
            props.className,
          )}
        >
          {props.value || '\u00a0'}
        </div>
      }
    >
      <CodeEditor {...props} />
    </Suspense>
  );
}
