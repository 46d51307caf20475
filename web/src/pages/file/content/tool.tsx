import type { ToolResponse, ToolType } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Badge } from '../../../kit/badge.tsx';
import { Code } from '../../../kit/code.tsx';
import { pretty } from '../../../parts/log/json.ts';
import { Section } from '../../../parts/log/section.tsx';
import { Values } from '../../../parts/log/values.tsx';
import { Signature } from './signature.tsx';
import { Variables } from './variables.tsx';

/** What each type is called, and what a call of it does. `secrets`: variables may stand in its settings. */
const types: Record<ToolType, { name: string; does: string; secrets: boolean }> = {
  json_schema: { name: 'Function', does: 'The model sees this signature; your application runs it and logs the run.', secrets: false },
  snippet: { name: 'Snippets', does: 'Prompts name one by its key and get its text.', secrets: false },
  get_api_call: {
    name: 'HTTP call',
    does: 'A call is one HTTP request by the server; the text of the answer is the output.',
    secrets: true,
  },
  mock: { name: 'Mock', does: 'A call answers what stands here, to try an agent without the real thing.', secrets: false },
  google: {
    name: 'Google search',
    does: 'A call asks Google’s Custom Search, with a credential of the provider Google Search.',
    secrets: true,
  },
  pinecone_search: {
    name: 'Pinecone search',
    does: 'A call finds the nearest records of an index, with a credential of the provider Pinecone.',
    secrets: true,
  },
  chroma_search: {
    name: 'Chroma search',
    does: 'A call finds the nearest records of a collection, with a credential of the provider Chroma.',
    secrets: true,
  },
  python: {
    name: 'Python',
    does: 'A call runs the code in the sandbox of the server: its function gets the inputs by name.',
    secrets: false,
  },
};

export function ToolContent({ file }: { file: ToolResponse }): ReactNode {
  const type = types[(file.tool_type_name ?? 'json_schema') as ToolType] ?? types.json_schema;
  const { snippets, ...setup } = file.setup_values ?? {};
  const texts = textsOf(snippets);
  return (
    <>
      <Section title={type.name} aside={<Badge tone="soft">{file.tool_type_name ?? 'json_schema'}</Badge>}>
        <p className="max-w-[72ch] text-ink-2">{type.does}</p>
      </Section>
      {file.function && (
        <Section
          title={<code className="text-[13px] font-semibold">{file.function.name}</code>}
          aside={file.function.strict === true && <Badge>strict</Badge>}
        >
          {file.function.description && <p className="mb-3 max-w-[72ch]">{file.function.description}</p>}
          <Signature parameters={file.function.parameters} />
        </Section>
      )}
      {texts.map(([key, text]) => (
        <Section key={key} title={<code className="text-[13px] font-semibold">{key}</code>}>
          <Code text={text} wrap />
        </Section>
      ))}
      {file.source_code && (
        <Section title={file.tool_type === 'snippet' ? 'Text' : 'Source'}>
          <Code text={file.source_code} wrap />
        </Section>
      )}
      {Object.keys(setup).length > 0 && (
        <Section title="Settings">
          <Values values={setup} />
        </Section>
      )}
      {type.secrets && <Variables toolId={file.id} />}
    </>
  );
}

/** Snippets come as a list of `{key, value}` or as an object. */
function textsOf(snippets: unknown): [key: string, text: string][] {
  if (typeof snippets !== 'object' || snippets === null) return [];
  if (!Array.isArray(snippets)) return Object.entries(snippets).map(([key, value]) => [key, pretty(value)]);
  return (snippets as { key?: unknown; value?: unknown }[]).map((one) => [pretty(one.key ?? ''), pretty(one.value ?? '')]);
}
