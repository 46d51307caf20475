import { Download } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { open } from '../../../api/client.ts';
import { messageOf } from '../../../api/errors.ts';
import { Button } from '../../../kit/button.tsx';
import { Code } from '../../../kit/code.tsx';
import { formatBytes } from '../../../kit/format.ts';
import { Notice } from '../../../kit/notice.tsx';
import { Progress } from '../../../kit/progress.tsx';
import { saveBlob } from '../../../parts/download.ts';
import { gathered } from '../../../parts/gather.ts';
import { useSession } from '../../../parts/session.ts';
import { Panel } from '../panel.tsx';

/** Everything of the workspace as one file: nobody has to stay. */
export function ExportPanel(): ReactNode {
  const { workspace } = useSession();
  const [bytes, setBytes] = useState<number | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);
  const save = async () => {
    const controller = new AbortController();
    const { signal } = controller;
    stopping.current = controller;
    setWhy(null);
    setBytes(0);
    try {
      const { body } = await open('exports.humanloop', { signal });
      if (body === null) throw new Error('The server answered nothing. Its log may say why; try again.');
      const blob = await gathered(body, 'application/zip', { onBytes: setBytes, signal });
      saveBlob(blob, `${workspace.slug}-${new Date().toISOString().slice(0, 10)}.zip`);
    } catch (error) {
      if (!signal.aborted) setWhy(messageOf(error));
    } finally {
      setBytes(null);
    }
  };
  return (
    <Panel
      title="Leave with everything"
      about="The whole workspace as one ZIP file, in the layout that Humanloop’s export tool wrote: other tools read it, and another Whetstone takes it in again, ids and all."
      action={
        bytes === null && (
          <Button icon={Download} onClick={() => void save()}>
            Export {workspace.name}
          </Button>
        )
      }
    >
      {bytes !== null && (
        <div className="mb-4">
          <Progress label="Writing the file" detail={bytes > 0 ? `${formatBytes(bytes)} so far` : ''} share={null}>
            <Button size="sm" className="mt-3" onClick={() => stopping.current?.abort()}>
              Cancel
            </Button>
          </Progress>
        </div>
      )}
      {why !== null && (
        <Notice kind="error" title="The workspace was not exported" className="mb-4">
          {why}
        </Notice>
      )}
      <dl className="grid gap-x-6 border-t border-line sm:grid-cols-[9rem_minmax(0,1fr)]">
        <In name="files/">Every file with its versions, deployments and datapoints, and its logs, judgments and evaluations.</In>
        <In name="whetstone/">What that layout has no place for: monitors, routes, limits, prices, rules for spans, webhooks, settings.</In>
        <In name="not in it">
          Secrets: model credentials, API keys, variables of tools, passwords. Their names are listed, so that you know what to enter again.
        </In>
      </dl>
      <details className="mt-3">
        <summary className="text-ink-2">From the command line</summary>
        <Code className="mt-2" text={`export WHETSTONE_API_KEY=…   # an admin’s\nnpm run whetstone -- export exports/${workspace.slug}`} />
      </details>
    </Panel>
  );
}

function In({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div className="grid border-b border-line py-2 sm:col-span-2 sm:grid-cols-subgrid">
      <dt className="font-medium">{name.endsWith('/') ? <code>{name}</code> : name}</dt>
      <dd className="max-w-[72ch] text-ink-2">{children}</dd>
    </div>
  );
}
