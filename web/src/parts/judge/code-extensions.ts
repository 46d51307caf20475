import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { indentWithTab } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { python } from '@codemirror/lang-python';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter } from '@codemirror/lint';
import type { Extension, Text } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { shared } from '../editor/extensions.ts';
import type { CodeProblem } from './code-field.tsx';
import { type CodeLanguage, completeFields } from './completion.ts';

/** Hues are kept for versions: code is told apart by weight and by greys. */
const codeLook = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword, tags.moduleKeyword],
    color: 'var(--accent-ink)',
  },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: 'var(--ink-3)', fontStyle: 'italic' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--ink-2)' },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], fontWeight: '600' },
  { tag: [tags.punctuation, tags.bracket, tags.separator], color: 'var(--ink-3)' },
  { tag: [tags.typeName, tags.typeOperator], color: 'var(--ink-2)' },
]);

const wave = (colour: string) =>
  `url('data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="6" height="3"><path d="m0 2.5 l2-1.5 l1 0 l2 1.5 l1 0" stroke="${colour}" fill="none" stroke-width=".9"/></svg>`)}')`;

const look = EditorView.theme({
  '.cm-gutters': { backgroundColor: 'transparent', border: 'none', color: 'var(--ink-3)' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '28px', padding: '0 8px 0 4px' },
  '.cm-gutter-lint': { width: '12px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0' },
  '.cm-lint-marker': { width: '12px', height: '20px', content: 'none', position: 'relative' },
  '.cm-lint-marker::before': { content: '"●"', position: 'absolute', inset: '0', fontSize: '9px', textAlign: 'center' },
  '.cm-lint-marker-error::before': { color: 'var(--worse)' },
  '.cm-lint-marker-warning::before': { color: 'var(--undecided)' },
  '.cm-lintRange-error': { backgroundImage: wave('#d0524a') },
  '.cm-lintRange-warning': { backgroundImage: wave('#b98a2c') },
  '.cm-diagnostic': { fontFamily: 'var(--font-sans)', fontSize: '13px', padding: '6px 10px', borderLeft: 'none' },
  '.cm-tooltip .cm-completionDetail': { color: 'var(--ink-3)', fontStyle: 'normal', marginLeft: '12px' },
  '.cm-matchingBracket': { backgroundColor: 'var(--pressed) !important', outline: 'none' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent' },
});

/** What all code has. Tab indents; Escape and then Tab leaves the editor. */
export const codeExtensions: Extension = [
  shared,
  lineNumbers(),
  lintGutter(),
  bracketMatching(),
  indentOnInput(),
  keymap.of([indentWithTab]),
  syntaxHighlighting(codeLook),
  look,
];

export function languageSupport(language: CodeLanguage, roots: () => ReadonlyMap<string, unknown>): Extension {
  const support = language === 'python' ? python() : javascript({ typescript: true });
  const fields = (context: CompletionContext): CompletionResult | null => {
    const found = completeFields(context.state.sliceDoc(0, context.pos), roots(), language);
    if (found === null) return null;
    const options = found.options.map((option) => ({ ...option, type: 'property' }));
    // They are filtered already: in Python a dot is replaced, which no filter by label would match.
    return { from: found.from, options, filter: false };
  };
  return [
    support,
    indentUnit.of(language === 'python' ? '    ' : '  '),
    autocompletion({ icons: false }),
    support.language.data.of({ autocomplete: fields }),
  ];
}

/** Problems as marks: the whole word, or the rest of the line. A place that is not there any more is at the end. */
export function diagnosticsOf(text: Text, problems: readonly CodeProblem[]): Diagnostic[] {
  return problems.map(({ message, line, column, kind }) => {
    const at = text.line(Math.min(Math.max(1, line), text.lines));
    const from = Math.min(at.from + Math.max(0, column - 1), at.to);
    const word = /^\w+/.exec(text.sliceString(from, at.to))?.[0].length ?? 0;
    const to = word > 0 ? from + word : at.to;
    return to > from ? { from, to, severity: kind, message } : { from: at.from, to: at.to, severity: kind, message };
  });
}
