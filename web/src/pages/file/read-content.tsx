import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Badge } from '../../kit/badge.tsx';
import { Code } from '../../kit/code.tsx';
import { Notice } from '../../kit/notice.tsx';
import { Select } from '../../kit/select.tsx';
import { Ago } from '../../kit/time.tsx';
import type { VersionedFile } from '../../parts/file-query.ts';
import { pretty } from '../../parts/log/json.ts';
import { Section } from '../../parts/log/section.tsx';
import { Values } from '../../parts/log/values.tsx';
import { VersionMark } from '../../parts/version.tsx';

const route = getRouteApi('/w/$slug/files/$fileId/');

/** A tool, an evaluator or a flow, as of one of its versions. */
export function ReadContent({ file, versions, missing }: { file: VersionedFile; versions: VersionedFile[]; missing: boolean }): ReactNode {
  const navigate = route.useNavigate();
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto max-w-220 px-4 py-5 md:px-6">
        {missing && (
          <Notice kind="warning" className="mb-4">
            The version in the link does not exist any more; this is the newest.
          </Notice>
        )}
        <div className="flex flex-wrap items-center gap-3">
          <Select
            label="Version"
            value={file.version_id}
            onChange={(version) => void navigate({ search: { version } })}
            options={versions.map((one) => ({
              value: one.version_id,
              label: <VersionMark hash={one.content_hash} name={one.version_name} />,
            }))}
            className="w-44"
          />
          {file.environments.map((environment) => (
            <Badge key={environment.id}>{environment.name}</Badge>
          ))}
          <span className="text-meta text-ink-3">
            saved <Ago at={file.version_created_at} />
            {file.committed_by?.full_name && ` by ${file.committed_by.full_name}`}
          </span>
        </div>
        {(file.description ?? file.version_description) && (
          <p className="mt-3 max-w-[72ch] text-ink-2">{file.description ?? file.version_description}</p>
        )}
        {file.type === 'tool' && <Tool file={file} />}
        {file.type === 'evaluator' && <Evaluator file={file} />}
        {file.type === 'flow' && (
          <Section title="Attributes">
            {Object.keys(file.attributes).length === 0 ? (
              <p className="text-ink-3">None. A flow is the root of a trace; its logs hold what ran inside.</p>
            ) : (
              <Values values={file.attributes} />
            )}
          </Section>
        )}
      </div>
    </div>
  );
}

function Tool({ file }: { file: Extract<VersionedFile, { type: 'tool' }> }): ReactNode {
  return (
    <>
      {file.function && (
        <Section
          title={<code className="text-base font-semibold">{file.function.name}</code>}
          aside={<Badge tone="soft">{file.tool_type ?? 'tool'}</Badge>}
        >
          {file.function.description && <p className="mb-3 max-w-[72ch] text-ink-2">{file.function.description}</p>}
          <Code text={pretty(file.function.parameters ?? {})} />
        </Section>
      )}
      {file.source_code && (
        <Section title={file.tool_type === 'snippet' ? 'Text' : 'Source'}>
          <Code text={file.source_code} wrap />
        </Section>
      )}
      {file.setup_values && Object.keys(file.setup_values).length > 0 && (
        <Section title="Setup">
          <Values values={file.setup_values} />
        </Section>
      )}
    </>
  );
}

const returns = { boolean: 'yes or no', number: 'a number', select: 'one of these', multi_select: 'some of these', text: 'words' } as const;

function Evaluator({ file }: { file: Extract<VersionedFile, { type: 'evaluator' }> }): ReactNode {
  const { spec } = file;
  return (
    <>
      <Section title="How it judges">
        <p className="max-w-[72ch]">
          {spec.evaluator_type === 'human'
            ? 'A person'
            : spec.evaluator_type === 'external'
              ? 'An application'
              : spec.evaluator_type === 'llm'
                ? 'A model'
                : 'Code'}{' '}
          answers with {returns[spec.return_type]}
          {spec.number_limits && ` from ${spec.number_limits.min ?? '…'} to ${spec.number_limits.max ?? '…'}`}.
        </p>
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
        <Section title="Code">
          <Code text={spec.code} />
        </Section>
      )}
      {spec.evaluator_type === 'llm' && spec.prompt && (
        <Section title="Prompt of the judge">
          <Code text={pretty(spec.prompt)} wrap />
        </Section>
      )}
    </>
  );
}
