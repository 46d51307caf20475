import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, keymap, MatchDecorator, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const look = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'inherit', lineHeight: 'inherit', overflowX: 'auto' },
  '.cm-content': { padding: '0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 1px' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-placeholder': { color: 'var(--ink-3)' },
  '.cm-tooltip': {
    border: 'none',
    borderRadius: '6px',
    background: 'var(--raised)',
    boxShadow: '0 0 0 1px var(--line), 0 8px 28px -6px rgb(0 0 0 / 0.25)',
  },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', fontSize: '12px', padding: '4px' },
  '.cm-tooltip-autocomplete > ul > li': { borderRadius: '4px', padding: '3px 8px !important' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { background: 'var(--pressed)', color: 'var(--ink)' },
});

/** What every editor has: undo, the usual keys, wrapped lines. Running and saving are left to the page. */
export const shared: Extension = [
  history(),
  closeBrackets(),
  keymap.of([
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...historyKeymap,
    ...defaultKeymap.filter((binding) => binding.key !== 'Mod-Enter'),
  ]),
  EditorView.lineWrapping,
  look,
];

function chips(pattern: RegExp, className: (match: string) => string): Extension {
  const matcher = new MatchDecorator({ regexp: pattern, decoration: (match) => Decoration.mark({ class: className(match[0]) }) });
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = matcher.createDeco(view);
      }
      update(update: ViewUpdate) {
        this.decorations = matcher.updateDeco(update, this.decorations);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

const templateChips = chips(/\{\{[^{}\n]*\}\}/g, (match) => (match.includes('(') ? 'cm-call' : 'cm-variable'));
const jinjaChips = chips(/\{\{[^\n]*?\}\}|\{%[^\n]*?%\}|\{#[^\n]*?#\}/g, (match) =>
  match.startsWith('{{') ? 'cm-variable' : match.startsWith('{%') ? 'cm-call' : 'cm-remark',
);

const jsonLook = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent-ink)' },
  { tag: [tags.string, tags.number, tags.bool, tags.null], color: 'var(--ink)' },
  { tag: tags.punctuation, color: 'var(--ink-3)' },
]);

export function languageOf(language: 'template' | 'jinja' | 'json' | 'plain'): Extension {
  if (language === 'template') return templateChips;
  if (language === 'jinja') return jinjaChips;
  return language === 'json' ? [json(), syntaxHighlighting(jsonLook)] : [];
}

/** After `{{`, the variables that the prompt has already. */
export function variableCompletion(variables: () => readonly string[]): Extension {
  const complete = (context: CompletionContext): CompletionResult | null => {
    const before = context.matchBefore(/\{\{\s*[\w.]*/);
    if (before === null) return null;
    const from = before.from + (/\{\{\s*/.exec(before.text)?.[0].length ?? 2);
    const closed = context.state.sliceDoc(context.pos, context.pos + 2) === '}}';
    return {
      from,
      validFor: /^[\w.]*$/,
      options: variables().map((label) => ({ label, apply: closed ? label : `${label}}}`, type: 'variable' })),
    };
  };
  return autocompletion({ override: [complete], icons: false });
}
