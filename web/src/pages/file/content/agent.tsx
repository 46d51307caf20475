import type { AgentResponse } from '@whetstone/contract';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Badge } from '../../../kit/badge.tsx';
import { kindOf, kinds } from '../../../parts/kinds.ts';
import { useLinks } from '../../../parts/links.ts';
import { Section } from '../../../parts/log/section.tsx';
import { Values } from '../../../parts/log/values.tsx';
import { TemplateView } from '../../../parts/template-view.tsx';
import { VersionMark } from '../../../parts/version.tsx';
import { ModelFacts } from './model-facts.tsx';
import { Signature } from './signature.tsx';

type AgentTool = AgentResponse['tools'][number];
type Linked = Extract<AgentTool, { type: 'file' }>;
type Inline = Extract<AgentTool, { type: 'inline' }>;

export function AgentContent({ file }: { file: AgentResponse }): ReactNode {
  const other = { ...file.other, ...file.attributes };
  return (
    <>
      <div className="pt-5">
        <ModelFacts of={file} provider={file.provider_name} />
      </div>
      <Section title="What it is told">
        <TemplateView template={file.template} />
      </Section>
      <Section title="Tools" aside={file.tools.length > 0 ? `${file.tools.length}` : null}>
        {file.tools.length === 0 ? (
          <p className="text-ink-3">None. The model answers by itself, in one turn.</p>
        ) : (
          <ul className="border-t border-line">
            {file.tools.map((tool, at) => (
              <li key={at} className="border-b border-line py-2.5">
                {tool.type === 'file' ? <LinkedTool tool={tool} /> : <InlineTool tool={tool} />}
              </li>
            ))}
          </ul>
        )}
      </Section>
      {Object.keys(other).length > 0 && (
        <Section title="Other settings">
          <Values values={other} />
        </Section>
      )}
    </>
  );
}

/** The file of a link, of which only this is shown. */
interface LinkedRecord {
  path: string;
  type: string;
  description: string | null;
  content_hash: string;
  version_name: string | null;
  tool_type_name?: string | null;
}
/** Types of tools that nothing but the application runs. */
const callers = new Set(['json_schema']);

/** A file of the workspace. */
function LinkedTool({ tool }: { tool: Linked }): ReactNode {
  const links = useLinks();
  const linked = (tool.file ?? null) as LinkedRecord | null;
  if (linked === null)
    return (
      <p className="text-undecided">
        A file that is not here (<code>{tool.link.file_id}</code>): calls of it fail.
      </p>
    );
  const { icon: Icon, one } = kinds[kindOf(linked.type)];
  const which = tool.link.version_id != null ? 'this version' : 'what is deployed';
  const runner = callers.has(linked.tool_type_name ?? '') ? 'the caller; the agent waits' : 'the server';
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <Icon size={15} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-label={one} />
        <Link
          {...links.file(tool.link.file_id, tool.link.version_id == null ? {} : { version: tool.link.version_id })}
          className="font-medium hover:underline"
        >
          {linked.path}
        </Link>
        <VersionMark hash={linked.content_hash} name={linked.version_name} className="text-meta" />
        <Stops tool={tool} />
        <span className="text-meta text-ink-3 max-sm:w-full sm:ml-auto">
          {which}, run by {runner}
        </span>
      </div>
      {linked.description && <p className="mt-0.5 max-w-[72ch] text-ink-2">{linked.description}</p>}
    </>
  );
}

/** A function that the caller runs. */
function InlineTool({ tool }: { tool: Inline }): ReactNode {
  const { name, description, parameters } = tool.json_schema;
  return (
    <details>
      <summary className="list-none">
        <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <code className="font-semibold">{name}</code>
          <Stops tool={tool} />
          <span className="text-meta text-ink-3 max-sm:w-full sm:ml-auto">run by the caller; the agent waits</span>
        </span>
        {description && <span className="mt-0.5 block max-w-[72ch] text-ink-2">{description}</span>}
      </summary>
      <div className="pt-2">
        <Signature parameters={parameters} />
      </div>
    </details>
  );
}

function Stops({ tool }: { tool: AgentTool }): ReactNode {
  return tool.on_agent_call === 'stop' ? <Badge tone="undecided">ends the turn</Badge> : null;
}
