import { Link, useBlocker } from '@tanstack/react-router';
import { FolderOpen } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { ImportReport, ImportSource } from '@whetstone/contract';
import { Button, buttonClass } from '../../../kit/button.tsx';
import { ConfirmDialog } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { formatBytes, formatCount } from '../../../kit/format.ts';
import { Notice } from '../../../kit/notice.tsx';
import { Segmented } from '../../../kit/segmented.tsx';
import { Section } from '../../../parts/log/section.tsx';
import { useLinks } from '../../../parts/links.ts';
import { useSession } from '../../../parts/session.ts';
import { Panel } from '../panel.tsx';
import { asksAgain, Reenter } from './again.tsx';
import { ExportPanel } from './export.tsx';
import { nameOf, sizeOf } from './picked.ts';
import { Pick } from './pick.tsx';
import { Problems } from './problems.tsx';
import { Counts } from './report.tsx';
import { RunningStage } from './running.tsx';
import { sourceOf, sources } from './sources.ts';
import { type Bring, type Import, useImport } from './use-import.ts';

/** The way in for what people have elsewhere, and the way out with everything. */
export function ImportSettings(): ReactNode {
  const { workspace } = useSession();
  const current = useImport();
  const [source, setSource] = useState<ImportSource>('humanloop');
  const [to, setTo] = useState('');
  const { placed, what, comes } = sourceOf(source);
  const blocked = useBlocker({ shouldBlockFn: () => current.running, enableBeforeUnload: () => current.running, withResolver: true });
  return (
    <>
      <Panel
        title="Import"
        about={`Bring what you have elsewhere into ${workspace.name}. It is looked at first, what is here stays as it is, and it may be done again.`}
      >
        {current.bring === null ? (
          <>
            <div className="mb-3 max-w-full overflow-x-auto">
              <Segmented label="Where it comes from" value={source} onChange={setSource} options={sources} />
            </div>
            <p className="mb-4 max-w-[72ch]">
              {what} <span className="text-ink-2">{comes}</span>
            </p>
            {!placed && (
              <Field label="Put it under (optional)" hint="A directory of this workspace. Empty: at the top." className="mb-4 max-w-sm">
                {(props) => (
                  <Input
                    {...props}
                    value={to}
                    onChange={(event) => setTo(event.target.value)}
                    placeholder={`from-${source}`}
                    maxLength={500}
                    spellCheck={false}
                    className="font-mono text-[12px]"
                  />
                )}
              </Field>
            )}
            <Pick onPick={(files) => void current.check({ source, to: placed ? '' : to, files })} />
          </>
        ) : (
          <Brought current={current} bring={current.bring} />
        )}
      </Panel>
      {current.bring === null && <ExportPanel />}
      <ConfirmDialog
        open={blocked.status === 'blocked'}
        onClose={() => blocked.status === 'blocked' && blocked.reset()}
        title="Leave this page?"
        loss="The import is not at its end, and leaving stops it. What has come stays; importing again goes on with the rest."
        action="Stop and leave"
        onConfirm={async () => blocked.status === 'blocked' && blocked.proceed()}
      />
    </>
  );
}

function Brought({ current, bring }: { current: Import; bring: Bring }): ReactNode {
  const { stage, expected, stop, carry, again, renew, restart, running } = current;
  const count = bring.files.length;
  return (
    <>
      <div className="mb-5 flex min-h-12 items-center gap-3 rounded-md bg-sunken px-3 py-2">
        <FolderOpen size={16} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-hidden />
        <div className="min-w-0 flex-1">
          <div className="truncate font-medium">{nameOf(bring.files)}</div>
          <div className="text-meta text-ink-3">
            {sourceOf(bring.source).label}, {count === 1 ? '' : `${formatCount(count)} files, `}
            {formatBytes(sizeOf(bring.files))}
          </div>
        </div>
        {!running && (
          <Button size="sm" onClick={restart}>
            {stage.at === 'done' ? 'Import something else' : 'Choose another'}
          </Button>
        )}
      </div>
      {(stage.at === 'packing' || stage.at === 'sending' || stage.at === 'working') && (
        <RunningStage stage={stage} expected={expected} onStop={stop} />
      )}
      {stage.at === 'failed' && (
        <Notice kind="error" title={stage.dry ? 'It could not be checked' : 'The import did not come to its end'}>
          <p className="mb-2">{stage.taken ? takenWords : stage.why}</p>
          {stage.taken ? (
            <Button size="sm" onClick={() => void renew()}>
              Give it new ids
            </Button>
          ) : (
            <Button size="sm" onClick={() => void again()}>
              Try again
            </Button>
          )}
        </Notice>
      )}
      {stage.at === 'checked' && <Checked report={stage.report} renewed={bring.newIds === true} onCarry={() => void carry()} />}
      {stage.at === 'done' && <Done report={stage.report} placed={sourceOf(bring.source).placed && bring.newIds !== true} />}
    </>
  );
}

const takenWords =
  'Another workspace of this server has these files already, and an id is there once on a server. With new ids they come into this workspace too, a copy of their own: versions, logs and what refers to them come along, and programs that name a file by its path find it under the same one.';

/** What the dry run found, and the button that carries it over. */
function Checked({ report, renewed, onCarry }: { report: ImportReport; renewed: boolean; onCarry: () => void }): ReactNode {
  const { workspace } = useSession();
  const some = Object.values(report.counts).some(({ found }) => found > 0);
  return (
    <>
      <div role="status">
        <h3 className="font-semibold">This will come</h3>
        <p className="mb-2 text-ink-2">
          Nothing has been changed yet. What is in {workspace.name} already will be left as it is.
          {renewed && ' Files, evaluations, runs and review queues get ids of their own.'}
        </p>
      </div>
      <Counts report={report} dry />
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <Button look="primary" size="lg" disabled={!some} onClick={onCarry}>
          Import into {workspace.name}
        </Button>
      </div>
      <Section title={report.problems.length === 0 ? 'Problems: none' : 'This will not come, or not as it is'} className="pt-7">
        <Problems report={report} dry />
      </Section>
      {asksAgain(report) && (
        <Section title="To be entered again afterwards" className="pt-7">
          <Reenter report={report} />
        </Section>
      )}
    </>
  );
}

function Done({ report, placed }: { report: ImportReport; placed: boolean }): ReactNode {
  const links = useLinks();
  const all = report.problems.length === 0;
  return (
    <>
      <div role="status">
        <h3 className="font-semibold">{all ? 'Everything is here' : 'It is here, except for what is listed below'}</h3>
        <p className="mb-2 text-ink-2">{placed ? 'Ids and dates are those that they had. ' : ''}Deployments are in force.</p>
      </div>
      <Counts report={report} dry={false} />
      <div className="mt-4 flex flex-wrap gap-2">
        <Link {...links.files} className={buttonClass({ look: 'primary' })}>
          Look at the files
        </Link>
        {report.counts.logs.carried > 0 && (
          <Link {...links.logs({ range: 'all' })} className={buttonClass()}>
            Look at the logs
          </Link>
        )}
        <Link {...links.connect} className={buttonClass()}>
          Point your application here
        </Link>
      </div>
      {asksAgain(report) && (
        <Section title="To be entered again" className="pt-7">
          <Reenter report={report} />
        </Section>
      )}
      <Section title={all ? 'Problems: none' : 'What did not come, or not as it was'} className="pt-7">
        <Problems report={report} dry={false} />
      </Section>
    </>
  );
}
