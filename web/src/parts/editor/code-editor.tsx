import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, placeholder as placeholderOf } from '@codemirror/view';
import { type ReactNode, useEffect, useRef } from 'react';
import { languageOf, shared, variableCompletion } from './extensions.ts';
import type { TextEditorProps } from './text-editor.tsx';

/** CodeMirror, held at the value that it is given. */
export default function CodeEditor({
  value,
  onChange,
  language,
  label,
  placeholder = '',
  variables,
  readOnly = false,
  className,
}: TextEditorProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onChange, variables, value });
  latest.current = { onChange, variables, value };
  const parts = useRef({ language: new Compartment(), readOnly: new Compartment() });

  useEffect(() => {
    if (host.current === null) return;
    const { language: languagePart, readOnly: readOnlyPart } = parts.current;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          shared,
          languagePart.of(languageOf(language)),
          readOnlyPart.of(EditorState.readOnly.of(readOnly)),
          variableCompletion(() => latest.current.variables ?? []),
          placeholder === '' ? [] : placeholderOf(placeholder),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              const text = update.state.doc.toString();
              if (text !== latest.current.value) latest.current.onChange(text);
            }
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
    // The language is changed below without losing the history.
  }, [label, placeholder]);

  useEffect(() => {
    view.current?.dispatch({
      effects: [
        parts.current.language.reconfigure(languageOf(language)),
        parts.current.readOnly.reconfigure(EditorState.readOnly.of(readOnly)),
      ],
    });
  }, [language, readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={host} className={className} data-language={language} />;
}
