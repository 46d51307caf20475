import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Badge } from '../../../kit/badge.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { Select } from '../../../kit/select.tsx';
import { Ago } from '../../../kit/time.tsx';
import type { VersionedFile } from '../../../parts/file-query.ts';
import { Section } from '../../../parts/log/section.tsx';
import { Values } from '../../../parts/log/values.tsx';
import { VersionMark } from '../../../parts/version.tsx';
import { AgentContent } from './agent.tsx';
import { ToolContent } from './tool.tsx';

const route = getRouteApi('/w/$slug/files/$fileId/');

/** A file without an editor, as of one of its versions. */
export function ReadContent({ file, versions, missing }: { file: VersionedFile; versions: VersionedFile[]; missing: boolean }): ReactNode {
  const navigate = route.useNavigate();
  return (
    <div className="relative min-h-0 flex-1 overflow-y-auto">
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
        {file.type === 'tool' && <ToolContent file={file} />}
        {file.type === 'agent' && <AgentContent file={file} />}
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
