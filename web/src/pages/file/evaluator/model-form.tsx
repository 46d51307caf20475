import type { EvaluatorSpec, PromptKernel } from '@whetstone/contract';
import { Lock } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { Input } from '../../../kit/field.tsx';
import { pathsOf } from '../../../parts/judge/completion.ts';
import { TextEditor } from '../../../parts/editor/text-editor.tsx';
import { messagesOf } from '../../../parts/prompt/kernel.ts';
import { MessagesEditor } from '../../../parts/prompt/messages-editor.tsx';
import { ModelBar } from '../../../parts/prompt/model-bar.tsx';
import { PairwiseSwitch } from './pairwise-switch.tsx';

type ModelSpec = Extract<EvaluatorSpec, { evaluator_type: 'llm' }>;
const empty: PromptKernel = { model: 'gpt-4o-mini', template: [] };
const most = 16;

/** A prompt over the log and its datapoint, and how often it is asked. */
export function ModelForm({
  spec,
  onChange,
  roots: [log, testcase],
}: {
  spec: ModelSpec;
  onChange: (spec: ModelSpec) => void;
  roots: readonly [log: unknown, testcase: unknown];
}): ReactNode {
  const prompt = spec.prompt ?? empty;
  const set = (next: PromptKernel) => onChange({ ...spec, prompt: next });
  const pairwise = spec.pairwise === true;
  const names = useMemo(() => (pairwise ? pairFieldsOf(log, testcase) : fieldsOf(log, testcase)), [pairwise, log, testcase]);
  const messages = messagesOf(prompt);
  const language = prompt.template_language === 'jinja' ? 'jinja' : 'template';
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <ModelBar kernel={prompt} onChange={set} judge />
      <div className="min-h-0 flex-1 overflow-y-auto">
        {messages === null ? (
          <div className="px-5 py-4">
            <TextEditor
              value={typeof prompt.template === 'string' ? prompt.template : ''}
              onChange={(template) => set({ ...prompt, template })}
              language={language}
              label="What the judge is asked"
              variables={names}
              className="max-w-[80ch] text-read"
            />
          </div>
        ) : (
          <MessagesEditor
            messages={messages}
            onChange={(template) => set({ ...prompt, template })}
            language={prompt.template_language}
            variables={names}
            next="user"
          />
        )}
        <div className="flex flex-col gap-3 px-3 pb-4 lg:px-5">
          <div>
            <p className="mb-1.5 text-meta text-ink-3">
              What can be named, out of the log that is chosen in “Try it”. Press one to put it at the end, or write {'{{'} where it
              belongs.
            </p>
            <div className="flex flex-wrap gap-1">
              {names.slice(0, most).map((name) => (
                <button
                  key={name}
                  type="button"
                  aria-label={`Put ${name} at the end`}
                  onClick={() => set(withName(prompt, name))}
                  className="tpl-variable hover:bg-pressed"
                >
                  {name}
                </button>
              ))}
            </div>
          </div>
          <p className="flex gap-2 text-meta text-ink-3">
            <Lock size={13} strokeWidth={1.5} className="mt-0.5 shrink-0" aria-hidden />
            <span className="max-w-[72ch]">
              What is filled in stands between marks that it cannot contain, and the model is told that all of it is data: a log cannot talk
              its judge round. The form of the answer, with the reasoning first, is added by itself.
            </span>
          </p>
          <PairwiseSwitch spec={spec} onChange={onChange} />
          <label className="flex items-center gap-2">
            Ask
            <Input
              type="number"
              min={1}
              max={15}
              value={spec.votes ?? 1}
              onChange={(event) => {
                const votes = Math.min(15, Math.max(1, Math.round(Number(event.target.value)) || 1));
                onChange({ ...spec, votes: votes === 1 ? null : votes });
              }}
              className="num w-16"
            />
            <span className="text-ink-2">
              {(spec.votes ?? 1) === 1
                ? pairwise
                  ? 'time in each order'
                  : 'time a judgment'
                : pairwise
                  ? 'times in each order; most votes decide'
                  : 'times a judgment; most votes decide, of numbers the median'}
            </span>
          </label>
        </div>
      </div>
    </div>
  );
}

/** The prompt with one more name at its end. */
function withName(prompt: PromptKernel, name: string): PromptKernel {
  const { template } = prompt;
  if (template == null || template.length === 0) return { ...prompt, template: [{ role: 'user', content: `{{${name}}}` }] };
  if (typeof template === 'string') return { ...prompt, template: `${template}\n\n{{${name}}}` };
  const last = template[template.length - 1];
  if (last === undefined || typeof last.content !== 'string')
    return { ...prompt, template: [...template, { role: 'user', content: `{{${name}}}` }] };
  return { ...prompt, template: [...template.slice(0, -1), { ...last, content: `${last.content}\n\n{{${name}}}` }] };
}

/** Two answers, and of the case what both were given: an answer under its own name would tell which one is judged. */
function pairFieldsOf(log: unknown, testcase: unknown): string[] {
  const names = fieldsOf(log, testcase);
  const ofCase = names.filter((name) => /^(log\.(inputs|messages)|testcase)\b/.test(name));
  const output = names.some((name) => name.startsWith('log.output_message')) ? ['output', 'output_message'] : ['output'];
  return [...['first', 'second'].flatMap((place) => output.map((key) => `${place}.${key}`)), ...ofCase];
}

const first = ['log.output', 'log.inputs', 'log.messages', 'testcase.target', 'testcase.inputs', 'log.error'];

/** The paths that are worth naming come first. */
function fieldsOf(log: unknown, testcase: unknown): string[] {
  const names = [...pathsOf('log', log), ...pathsOf('testcase', testcase)].filter((name) => name !== 'log' && name !== 'testcase');
  const rank = (name: string) => {
    const at = first.findIndex((start) => name === start || name.startsWith(`${start}.`));
    return at < 0 ? first.length : at;
  };
  return names.toSorted((a, b) => rank(a) - rank(b));
}
