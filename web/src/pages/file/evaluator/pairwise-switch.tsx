import type { EvaluatorSpec, PromptKernel } from '@whetstone/contract';
import { pairOptions } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Checkbox } from '../../../kit/checkbox.tsx';

type ModelSpec = Extract<EvaluatorSpec, { evaluator_type: 'llm' }>;

/** Whether the judge sees one answer or two. */
export function PairwiseSwitch({ spec, onChange }: { spec: ModelSpec; onChange: (spec: ModelSpec) => void }): ReactNode {
  const pairwise = spec.pairwise === true;
  return (
    <div className="flex gap-2">
      <Checkbox
        checked={pairwise}
        onChange={(on) => onChange(on ? comparing(spec) : alone(spec))}
        label="Compares two answers"
        className="mt-0.5"
      />
      <span className="max-w-[72ch]">
        Compares two answers
        <span className="block text-meta text-ink-3">
          {pairwise
            ? 'Each pair is asked about in both orders, so twice the calls. Where the orders disagree it is a tie, and the report says how often that was. In an evaluation every run is compared with the control.'
            : 'Instead of scoring one answer it says which of two to the same case is better: easier for a model than a scale.'}
        </span>
      </span>
    </div>
  );
}

function comparing(spec: ModelSpec): ModelSpec {
  const both = (text: string) => text.replaceAll('{{log.output}}', '{{first.output}}\n\nThe second answer:\n{{second.output}}');
  return {
    ...spec,
    pairwise: true,
    return_type: 'select',
    options: pairOptions.map((option) => ({ ...option })),
    number_limits: null,
    number_valence: null,
    ...rewritten(spec, both),
  };
}

function alone(spec: ModelSpec): ModelSpec {
  const one = (text: string) =>
    text
      .replaceAll(/\n*The second answer:\s*\{\{second\.output\}\}/g, '')
      .replaceAll('{{first.', '{{log.')
      .replaceAll(/\n*\{\{second\.[^}]*\}\}/g, '');
  return { ...spec, pairwise: null, return_type: 'boolean', options: null, ...rewritten(spec, one) };
}

function rewritten({ prompt }: ModelSpec, change: (text: string) => string): { prompt?: PromptKernel } {
  if (prompt?.template == null) return {};
  const { template } = prompt;
  if (typeof template === 'string') return { prompt: { ...prompt, template: change(template) } };
  const messages = template.map((message) =>
    typeof message.content === 'string' ? { ...message, content: change(message.content) } : message,
  );
  return { prompt: { ...prompt, template: messages } };
}
