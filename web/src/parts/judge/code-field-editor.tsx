import { Compartment, EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { setDiagnostics } from '@codemirror/lint';
import { type ReactNode, useEffect, useRef } from 'react';
import type { CodeFieldProps } from './code-field.tsx';
import { codeExtensions, diagnosticsOf, languageSupport } from './code-extensions.ts';

/** CodeMirror for code, held at the value that it is given. */
export default function CodeFieldEditor(props: CodeFieldProps): ReactNode {
  const { value, language, label, problems, readOnly = false } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const parts = useRef({ language: new Compartment(), readOnly: new Compartment() });

  useEffect(() => {
    if (host.current === null) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          codeExtensions,
          parts.current.language.of(languageSupport(latest.current.language, () => latest.current.roots)),
          parts.current.readOnly.of(EditorState.readOnly.of(latest.current.readOnly ?? false)),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorView.updateListener.of((update) => {
            const text = update.state.doc.toString();
            if (update.docChanged && text !== latest.current.value) latest.current.onChange(text);
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, [label]);

  useEffect(() => {
    view.current?.dispatch({
      effects: [
        parts.current.language.reconfigure(languageSupport(language, () => latest.current.roots)),
        parts.current.readOnly.reconfigure(EditorState.readOnly.of(readOnly)),
      ],
    });
  }, [language, readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state.doc, problems)));
  }, [problems]);

  return <div ref={host} data-language={language} className="font-mono text-[12px] leading-5" />;
}
