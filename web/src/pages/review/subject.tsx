import type { ReviewSubject } from '@whetstone/contract';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { Code } from '../../kit/code.tsx';
import { Notice } from '../../kit/notice.tsx';
import { useLinks } from '../../parts/links.ts';
import { documentsIn } from '../../parts/log/content.ts';
import { Documents } from '../../parts/log/documents.tsx';
import { pretty } from '../../parts/log/json.ts';
import { Message } from '../../parts/log/message.tsx';
import { Section } from '../../parts/log/section.tsx';
import { Values } from '../../parts/log/values.tsx';
import { VersionMark } from '../../parts/version.tsx';

/** What is judged: what went in, what came out, and what is known of it beside. */
export function Subject({ subject, markdown }: { subject: ReviewSubject; markdown: boolean }): ReactNode {
  return (
    <>
      <Asked subject={subject} markdown={markdown} />
      <Answered subject={subject} markdown={markdown} />
      <Beside subject={subject} />
    </>
  );
}

export function Asked({ subject, markdown }: { subject: ReviewSubject; markdown: boolean }): ReactNode {
  const inputs = subject.inputs ?? {};
  const documents = documentsIn(inputs);
  const folded = Object.keys(inputs).filter((name) => documentsIn({ [name]: inputs[name] }).length > 0);
  const messages = subject.messages ?? [];
  return (
    <>
      {Object.keys(inputs).length > 0 && (
        <Section title="Inputs">
          <Values values={inputs} folded={folded} />
        </Section>
      )}
      {documents.length > 0 && (
        <Section title="Retrieved documents" aside={`${documents.length}`}>
          <Documents documents={documents} />
        </Section>
      )}
      {messages.length > 0 && (
        <Section title="Conversation">
          {messages.map((message, at) => (
            <Message key={at} message={message} markdown={markdown} />
          ))}
        </Section>
      )}
    </>
  );
}

export function Answered({
  subject,
  markdown,
  title = 'Output',
}: {
  subject: ReviewSubject;
  markdown: boolean;
  title?: ReactNode;
}): ReactNode {
  const message = subject.output_message ?? (subject.output === null ? null : { role: 'assistant' as const, content: subject.output });
  const target = subject.target ?? {};
  return (
    <>
      {subject.payload === 'dropped' && <Notice className="mt-4" title="The texts of this log were not kept" />}
      {subject.error !== null && (
        <Notice kind="error" title="The call failed" className="mt-4">
          {subject.error}
        </Notice>
      )}
      {message !== null && (
        <Section title={title}>
          {subject.type === 'tool' ? (
            <Code text={pretty(subject.output ?? '')} wrap maxHeight="18rem" />
          ) : (
            <Message message={message} markdown={markdown} />
          )}
        </Section>
      )}
      {Object.keys(target).length > 0 && (
        <Section title="Expected">
          <Values values={target} />
        </Section>
      )}
    </>
  );
}

/** Nothing of this in a blind queue. */
function Beside({ subject }: { subject: ReviewSubject }): ReactNode {
  const links = useLinks();
  if (subject.log_id === null) return null;
  return (
    <Section
      title="About"
      aside={
        <Link {...links.log(subject.log_id)} className="text-accent-ink hover:underline">
          Open the log
        </Link>
      }
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 py-1 text-ink-2">
        {subject.file !== null && (
          <>
            <Link {...links.file(subject.file.id, { version: subject.file.version_id })} className="hover:underline">
              {subject.file.path}
            </Link>
            <VersionMark hash={subject.file.content_hash} name={subject.file.version_name} />
          </>
        )}
        {subject.model !== null && <span className="num">{subject.model}</span>}
        {subject.judgments.map((one, at) => (
          <Badge key={at} tone="soft">
            {one.evaluator}: {one.judgment === null ? 'no value' : String(one.judgment)}
            {one.judge !== null && ` by ${one.judge}`}
          </Badge>
        ))}
      </div>
    </Section>
  );
}
