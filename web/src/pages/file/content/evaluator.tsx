import type { EvaluatorResponse } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Badge } from '../../../kit/badge.tsx';
import { Code } from '../../../kit/code.tsx';
import { Section } from '../../../parts/log/section.tsx';
import { TemplateView } from '../../../parts/template-view.tsx';
import { ModelFacts } from './model-facts.tsx';

const returns = { boolean: 'yes or no', number: 'a number', select: 'one of these', multi_select: 'some of these', text: 'words' } as const;
const judges = { human: 'A person', external: 'An application', llm: 'A model', python: 'Code' } as const;

export function EvaluatorContent({ file: { spec } }: { file: EvaluatorResponse }): ReactNode {
  return (
    <>
      <Section title="How it judges" aside={<Badge tone="soft">{spec.evaluator_type}</Badge>}>
        <p className="max-w-[72ch]">
          {judges[spec.evaluator_type]} answers with {returns[spec.return_type]}
          {spec.number_limits && ` from ${spec.number_limits.min ?? '…'} to ${spec.number_limits.max ?? '…'}`}
          {spec.arguments_type === 'target_required' && ', comparing with what a datapoint expects'}.
        </p>
        {spec.evaluator_type === 'external' && (
          <p className="mt-1 max-w-[72ch] text-ink-2">
            It sends its judgments by <code>POST /v5/evaluators/log</code>.
          </p>
        )}
        {spec.evaluator_type === 'human' && spec.instructions && (
          <p className="mt-2 max-w-[72ch] whitespace-pre-wrap text-ink-2">{spec.instructions}</p>
        )}
        {spec.options && (
          <div className="mt-3 flex flex-wrap gap-1.5">
            {spec.options.map((option) => (
              <Badge key={option.name} tone={option.valence === 'positive' ? 'better' : option.valence === 'negative' ? 'worse' : 'plain'}>
                {option.name}
              </Badge>
            ))}
          </div>
        )}
      </Section>
      {spec.evaluator_type === 'python' && (
        <Section title="Code" aside={spec.language === 'javascript' ? 'JavaScript' : 'Python'}>
          <Code text={spec.code} />
        </Section>
      )}
      {spec.evaluator_type === 'llm' && spec.prompt && (
        <>
          <Section title="The judge">
            <ModelFacts of={spec.prompt} provider={spec.prompt.provider} />
          </Section>
          <Section title="What it is told">
            <TemplateView template={spec.prompt.template} />
          </Section>
        </>
      )}
    </>
  );
}
