import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Button, buttonClass } from '../../kit/button.tsx';
import { Code } from '../../kit/code.tsx';
import { CopyButton } from '../../kit/copy.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { Select } from '../../kit/select.tsx';
import { useLinks } from '../../parts/links.ts';
import { useMay, useSession } from '../../parts/session.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { useAction } from '../../parts/use-action.ts';
import { FirstLog } from './first-log.tsx';
import { type Snippet, snippet, snippets } from './snippets.ts';

/** Three steps from nothing to a log: a key, a program, the first call. */
export function ConnectPage(): ReactNode {
  const { workspace } = useSession();
  const links = useLinks();
  const admin = useMay('admin');
  const instance = useQuery(query('instance.get'));
  const tree = useQuery(query('files.tree'));
  const prompts = (tree.data?.files ?? []).filter((file) => file.type === 'prompt');
  const [chosen, setChosen] = useState<string | null>(null);
  const [kind, setKind] = useState<Snippet>('curl');
  const [key, setKey] = useState<string | null>(null);
  const [since] = useState(() => new Date().toISOString());
  const { busy, run } = useAction('The key was not made', ['api_keys.list']);
  const path = chosen ?? prompts[0]?.path ?? null;
  const prompt = useQuery({
    ...query('prompts.get', { params: { id: prompts.find((one) => one.path === path)?.id ?? '' } }),
    enabled: path !== null,
  });
  const url = instance.data?.url ?? window.location.origin;
  const make = () =>
    run(async () =>
      setKey(
        (await call('api_keys.create', { body: { name: `Connect page, ${new Date().toLocaleDateString('en-GB')}`, role: 'gateway' } }))
          .key ?? null,
      ),
    );
  return (
    <>
      <PageBar title="Connect an app" crumbs={[{ label: 'Connect an app' }]} />
      <div className="mx-auto w-full max-w-220 px-4 pt-6 pb-20 md:px-8">
        <p className="mb-8 max-w-[68ch] text-read text-ink-2">
          Point a client that you have at this server. Calls go to your model provider as before; on the way Whetstone takes the deployed
          version of your prompt and leaves a log.
        </p>
        <Step number={1} title="Make a key">
          {key !== null ? (
            <div className="max-w-xl">
              <div className="flex items-center gap-2 rounded-md bg-sunken py-1.5 pr-1.5 pl-3">
                <code className="min-w-0 flex-1 truncate">{key}</code>
                <CopyButton text={key} label="Copy key" />
              </div>
              <p className="mt-1.5 text-meta text-ink-3">
                It stands in the snippets below. It is shown only now: it is stored as a hash. It can call and log, and nothing else.
              </p>
            </div>
          ) : admin ? (
            <Button look="primary" icon={KeyRound} busy={busy} onClick={() => void make()}>
              Make a key and put it into the snippets
            </Button>
          ) : (
            <p className="text-ink-2">Ask an admin of {workspace.name} for an API key with the role “gateway”.</p>
          )}
        </Step>
        <Step number={2} title="Call from your program">
          <div className="mb-3 flex flex-wrap items-center gap-3">
            <div className="max-w-full overflow-x-auto">
              <Segmented label="Client" value={kind} onChange={setKind} options={snippets} />
            </div>
            {prompts.length > 0 && (
              <Select
                bare
                label="Prompt to call"
                value={path}
                onChange={setChosen}
                options={prompts.map((one) => ({ value: one.path, label: one.path }))}
              />
            )}
          </div>
          <Code text={snippet(kind, { url, key: key ?? 'YOUR_KEY', path, inputs: prompt.data?.inputs.map((input) => input.name) ?? [] })} />
          <p className="mt-2 max-w-[72ch] text-meta text-ink-3">
            {path === null
              ? 'There is no prompt yet, so the snippet names a model; the call is logged all the same.'
              : `“prompt:${path}” calls the version in the default environment. Add @staging or a version’s id to call another.`}{' '}
            Any client that speaks OpenAI’s shape works: give it <code className="text-ink-2">{url}/v1</code> as its base URL.
          </p>
        </Step>
        <Step number={3} title="See it arrive" last>
          <FirstLog since={since} />
          <Link {...links.logs()} className={buttonClass({ size: 'sm' }) + ' mt-3'}>
            All logs
          </Link>
        </Step>
      </div>
    </>
  );
}

function Step({
  number,
  title,
  last = false,
  children,
}: {
  number: number;
  title: string;
  last?: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <section className="relative flex gap-4 pb-9">
      {!last && <span aria-hidden className="absolute top-7 bottom-1 left-3 w-px bg-line-strong" />}
      <span
        aria-hidden
        className="num flex size-6 shrink-0 items-center justify-center rounded-full text-ink-2 shadow-[inset_0_0_0_1px_var(--line-strong)]"
      >
        {number}
      </span>
      <div className="min-w-0 flex-1">
        <h2 className="mb-3 text-read font-semibold">{title}</h2>
        {children}
      </div>
    </section>
  );
}
