import { Link } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button, buttonClass } from '../../kit/button.tsx';
import { CopyButton } from '../../kit/copy.tsx';
import { SnippetBox, useNewKey } from '../../parts/connect/snippet-box.tsx';
import { useLinks } from '../../parts/links.ts';
import { useMay, useSession } from '../../parts/session.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { FirstLog } from './first-log.tsx';

/** Three steps from nothing to a log: a key, a program, the first call. */
export function ConnectPage(): ReactNode {
  const { workspace } = useSession();
  const links = useLinks();
  const admin = useMay('admin');
  const { key, busy, make } = useNewKey();
  const [since] = useState(() => new Date().toISOString());
  return (
    <>
      <PageBar title="Connect an app" crumbs={[{ label: 'Connect an app' }]} />
      <div className="mx-auto w-full max-w-220 px-4 pt-6 pb-20 md:px-8">
        <p className="mb-8 max-w-[68ch] text-read text-ink-2">
          Point a client that you have at this server. Calls go to your model provider as before; on the way Whetstone takes the deployed
          version of your prompt and leaves a log.
        </p>
        {admin && (
          <p className="-mt-5 mb-8 max-w-[68ch] text-ink-2">
            You have prompts, datasets or logs elsewhere?{' '}
            <Link {...links.settings('import')} className="text-accent-ink underline underline-offset-2">
              Import them
            </Link>{' '}
            from Humanloop, OpenAI, promptfoo or Langfuse.
          </p>
        )}
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
          <SnippetBox apiKey={key} />
        </Step>
        <Step number={3} title="See it arrive" last>
          <FirstLog since={since} />
          <Link {...links.logs()} className={`${buttonClass({ size: 'sm' })} mt-3`}>
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
