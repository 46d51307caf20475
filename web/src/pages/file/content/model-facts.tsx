import type { AgentKernel, PromptKernel } from '@whetstone/contract';
import type { ReactNode } from 'react';

type Model = Pick<
  PromptKernel & AgentKernel,
  | 'model'
  | 'temperature'
  | 'max_tokens'
  | 'top_p'
  | 'seed'
  | 'stop'
  | 'presence_penalty'
  | 'frequency_penalty'
  | 'response_format'
  | 'reasoning_effort'
  | 'max_iterations'
>;

/** A model and what it is told besides the template: only what is set. */
export function ModelFacts({ of, provider }: { of: Model; provider: string | null | undefined }): ReactNode {
  const facts: [string, unknown][] = [
    ['Model', of.model],
    ['Provider', provider],
    ['Turns at most', of.max_iterations],
    ['Temperature', of.temperature],
    ['Tokens at most', of.max_tokens === -1 ? null : of.max_tokens],
    ['Top p', of.top_p],
    ['Effort', of.reasoning_effort],
    ['Presence penalty', of.presence_penalty],
    ['Frequency penalty', of.frequency_penalty],
    ['Seed', of.seed],
    ['Stops at', of.stop == null ? null : [of.stop].flat().join(' ')],
    ['Answers in', of.response_format?.type],
  ];
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2">
      {facts
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => (
          <div key={name}>
            <dt className="text-meta text-ink-3">{name}</dt>
            <dd className="num text-[13px]">{String(value)}</dd>
          </div>
        ))}
    </dl>
  );
}
