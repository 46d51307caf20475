import type { OtelRule } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { query } from '../../../api/query.ts';
import { Button } from '../../../kit/button.tsx';
import { Code } from '../../../kit/code.tsx';
import { RuleText } from './rule-text.tsx';

const example: OtelRule = {
  kind: 'prompt',
  when: [{ attribute: 'service.name', is: 'equal', value: 'support' }],
  path: 'support/{gen_ai.agent.name}',
};

/** Nothing here yet: what a rule is for, one to begin with, and how to send spans at all. */
export function NoRules({ onAdd }: { onAdd: ((rule?: OtelRule) => void) | null }): ReactNode {
  const instance = useQuery(query('instance.get'));
  const url = instance.data?.url ?? window.location.origin;
  return (
    <div className="border-t border-line pt-4">
      <p className="max-w-[72ch]">
        No rules. Spans go where they say themselves, and else to <code>otel/SERVICE/SPAN NAME</code>. With a rule, a service’s calls become
        versions and logs of a prompt that you name, for example:
      </p>
      <p className="my-3 max-w-[72ch] rounded-md bg-sunken px-3 py-2.5 leading-6">
        <RuleText rule={example} />
      </p>
      {onAdd && (
        <div className="flex flex-wrap gap-2">
          <Button look="primary" icon={Plus} onClick={() => onAdd()}>
            Add rule
          </Button>
          <Button onClick={() => onAdd(example)}>Start from the example</Button>
        </div>
      )}
      <h3 className="mt-7 mb-2 font-semibold">Nothing is sent yet?</h3>
      <p className="mb-2 max-w-[72ch] text-ink-2">
        Every OpenTelemetry SDK reads these variables. A key with the role “gateway” is enough.
      </p>
      <Code
        text={`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${url}/v1/traces\nOTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf\nOTEL_EXPORTER_OTLP_HEADERS="x-api-key=YOUR_KEY"`}
        wrap
      />
    </div>
  );
}
