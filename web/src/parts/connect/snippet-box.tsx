import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Code } from '../../kit/code.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { Select } from '../../kit/select.tsx';
import { useAction } from '../use-action.ts';
import { type Snippet, snippet, snippets } from './snippets.ts';

/** A gateway key that is made by one press, for snippets. It lives only as long as the page. */
export function useNewKey(): { key: string | null; busy: boolean; make: () => Promise<boolean> } {
  const [key, setKey] = useState<string | null>(null);
  const { busy, run } = useAction('The key was not made', ['api_keys.list']);
  const name = `Connect page, ${new Date().toLocaleDateString('en-GB')}`;
  return {
    key,
    busy,
    make: () => run(async () => setKey((await call('api_keys.create', { body: { name, role: 'gateway' } })).key ?? null)),
  };
}

/** A program to copy, in the viewer's language, with the real address and, when there is one, the real key. */
export function SnippetBox({
  apiKey,
  prompt = null,
}: {
  apiKey: string | null;
  /** Path of the prompt to show first. */ prompt?: string | null;
}): ReactNode {
  const instance = useQuery(query('instance.get'));
  const tree = useQuery(query('files.tree'));
  const prompts = (tree.data?.files ?? []).filter((file) => file.type === 'prompt');
  const [chosen, setChosen] = useState<string | null>(prompt);
  const [kind, setKind] = useState<Snippet>('curl');
  const file = prompts.find((one) => one.path === chosen) ?? prompts[0];
  const details = useQuery({ ...query('prompts.get', { params: { id: file?.id ?? '' } }), enabled: file !== undefined });
  const url = instance.data?.url ?? window.location.origin;
  return (
    <div className="w-full min-w-0">
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <div className="max-w-full overflow-x-auto">
          <Segmented label="Client" value={kind} onChange={setKind} options={snippets} />
        </div>
        {file && (
          <Select
            bare
            label="Prompt to call"
            value={file.path}
            onChange={setChosen}
            options={prompts.map((one) => ({ value: one.path, label: one.path }))}
          />
        )}
      </div>
      <Code
        text={snippet(kind, {
          url,
          key: apiKey ?? 'YOUR_KEY',
          path: file?.path ?? null,
          inputs: details.data?.inputs.map((input) => input.name) ?? [],
        })}
      />
      <p className="mt-2 max-w-[72ch] text-meta text-ink-3">
        {file === undefined
          ? 'There is no prompt yet, so the snippet names a model; the call is logged all the same.'
          : `“prompt:${file.path}” calls the version in the default environment. Add @staging or a version’s id to call another.`}{' '}
        Any client that speaks OpenAI’s shape works: give it <code className="text-ink-2">{url}/v1</code> as its base URL.
      </p>
    </div>
  );
}
