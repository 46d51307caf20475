import type { LogResponse } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { Code } from '../../kit/code.tsx';
import { CopyButton } from '../../kit/copy.tsx';
import { IconButton } from '../../kit/button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { Type } from 'lucide-react';
import { Corrections } from '../feedback/correction.tsx';
import { answerOf, documentsIn } from './content.ts';
import { Documents } from './documents.tsx';
import { pretty } from './json.ts';
import { Message } from './message.tsx';
import { Section } from './section.tsx';
import { Trace } from './trace.tsx';
import { Values } from './values.tsx';

/** What went in and what came out, top to bottom as it happened. */
export function LogBody({
  log,
  markdown,
  narrow = false,
  onMarkdown,
}: {
  log: LogResponse;
  markdown: boolean;
  narrow?: boolean;
  onMarkdown: () => void;
}): ReactNode {
  const given = ('messages' in log ? log.messages : null) ?? [];
  const answers = answerOf(log);
  const inputs = log.inputs ?? {};
  const documents = [...documentsIn(inputs), ...(log.type === 'tool' ? documentsIn(log.output) : [])];
  const metadata = log.metadata ?? {};
  const toggle = (
    <IconButton
      icon={Type}
      label={markdown ? 'Show raw text' : 'Show as Markdown'}
      keys="m"
      active={markdown}
      onClick={onMarkdown}
      className="size-6"
    />
  );
  return (
    <>
      {log.payload === 'dropped' && (
        <Notice className="mt-4" title="The texts of this log were not kept">
          It was sent with “save: false”, or its retention is over. Times, tokens and cost remain.
        </Notice>
      )}
      {log.text_repaired && <Notice className="mt-4">Some characters were malformed and have been replaced.</Notice>}
      {log.error !== null && (
        <Notice kind="error" title="The call failed" className="mt-4" actions={<CopyButton text={log.error} />}>
          <span className="whitespace-pre-wrap">{log.error}</span>
        </Notice>
      )}
      {Object.keys(inputs).length > 0 && (
        <Section title="Inputs" aside={<CopyButton text={JSON.stringify(inputs, null, 2)} label="Copy as JSON" />}>
          <Values values={inputs} folded={Object.keys(inputs).filter((name) => documentsIn({ [name]: inputs[name] }).length > 0)} />
        </Section>
      )}
      {documents.length > 0 && (
        <Section title="Retrieved documents" aside={`${documents.length}`}>
          <Documents documents={documents} />
        </Section>
      )}
      {given.length > 0 && (
        <Section title="Conversation" aside={toggle}>
          {given.map((message, at) => (
            <Message key={at} message={message} markdown={markdown} />
          ))}
        </Section>
      )}
      {answers.length > 0 && (
        <Section
          title="Output"
          aside={given.length === 0 ? toggle : log.status === 'incomplete' && <Badge tone="undecided">still running</Badge>}
        >
          {log.type === 'tool' ? (
            <Code text={pretty(log.output ?? '')} wrap maxHeight="18rem" />
          ) : (
            answers.map((message, at) => <Message key={at} message={message} markdown={markdown} />)
          )}
        </Section>
      )}
      <Corrections log={log} />
      {log.type === 'flow' && (
        <Section title="What ran inside">
          <Trace log={log} narrow={narrow} />
        </Section>
      )}
      {log.stdout && (
        <Section title="Printed">
          <Code text={log.stdout} wrap />
        </Section>
      )}
      {Object.keys(metadata).length > 0 && (
        <Section title="Metadata">
          <Values values={metadata} />
        </Section>
      )}
    </>
  );
}
