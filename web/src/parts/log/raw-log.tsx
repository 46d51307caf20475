import type { LogResponse } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Code } from '../../kit/code.tsx';
import { pretty } from './json.ts';
import { Section } from './section.tsx';

/** What was stored, key by key: the whole log, and apart from it what went to and came from the provider. */
export function RawLog({ log }: { log: LogResponse }): ReactNode {
  const { provider_request: request, provider_response: response, ...rest } = log;
  return (
    <>
      {request !== null && (
        <Section title="Sent to the provider">
          <Code text={pretty(request)} wrap />
        </Section>
      )}
      {response !== null && (
        <Section title="Received from the provider">
          <Code text={pretty(response)} wrap />
        </Section>
      )}
      <Section title="The log">
        <Code text={pretty(rest)} wrap maxHeight="none" />
      </Section>
    </>
  );
}
