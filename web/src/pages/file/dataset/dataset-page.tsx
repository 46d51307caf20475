import type { DatasetResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useBlocker } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { versionsQuery } from '../../../parts/file-query.ts';
import { ConfirmDialog } from '../../../kit/dialog.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { StillDeployed } from '../../../parts/deploy/still-deployed.tsx';
import { useMay } from '../../../parts/session.ts';
import { DatasetHeader } from './dataset-header.tsx';
import { DatasetTable } from './dataset-table.tsx';
import { Duplicates } from './duplicates.tsx';
import { countEdits, editWords, hasEdits } from './edits.ts';
import { GenerateDialog } from './generate-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { RulesDialog } from './rules/rules-dialog.tsx';
import { WaitingDialog } from './rules/waiting-dialog.tsx';
import { SaveDialog } from './save-dialog.tsx';
import { useEdits } from './use-edits.ts';

const route = getRouteApi('/w/$slug/files/$fileId/');

export type DatasetTool = 'import' | 'generate' | 'duplicates' | 'rules' | 'waiting' | 'save';

/** A dataset as of one of its versions: a spreadsheet whose changes become the next version. */
export default function DatasetPage({
  file,
  versions,
  missing,
}: {
  file: DatasetResponse;
  versions: DatasetResponse[];
  missing: boolean;
}): ReactNode {
  return <OneVersion key={file.version_id} file={file} versions={versions} missing={missing} />;
}

function OneVersion({ file, versions, missing }: { file: DatasetResponse; versions: DatasetResponse[]; missing: boolean }): ReactNode {
  const navigate = route.useNavigate();
  const mayWrite = useMay('write');
  const history = useEdits();
  const [tool, setTool] = useState<DatasetTool | null>(null);
  // What was newest when this version was opened: who saved meanwhile is not overwritten.
  const [newest] = useState(versions[0]?.version_id ?? null);
  const unsaved = hasEdits(history.edits);
  const [leaving, setLeaving] = useState(false);
  const blocked = useBlocker({
    shouldBlockFn: ({ current, next }) => unsaved && !leaving && (current.pathname !== next.pathname || current.search !== next.search),
    enableBeforeUnload: () => unsaved,
    withResolver: true,
  });
  const show = useShow(file, () => setLeaving(true));
  const close = () => setTool(null);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {missing && (
        <Notice kind="warning" className="mx-4 mt-3">
          The version in the link does not exist any more; this is the newest.
        </Notice>
      )}
      <DatasetHeader
        file={file}
        versions={versions}
        history={history}
        mayWrite={mayWrite}
        tool={tool}
        onVersion={(version) => void navigate({ search: { version } })}
        onTool={setTool}
      />
      {!unsaved && file.version_id === newest && (
        <StillDeployed kind="dataset" fileId={file.id} versionId={file.version_id} className="border-b border-line md:px-6" />
      )}
      {tool === 'duplicates' ? (
        <Duplicates file={file} history={history} mayWrite={mayWrite} onClose={close} />
      ) : (
        <DatasetTable file={file} history={history} mayWrite={mayWrite} onSave={() => unsaved && setTool('save')} onTool={setTool} />
      )}
      {tool === 'save' && <SaveDialog file={file} newest={newest} edits={history.edits} onClose={close} onSaved={show} />}
      {tool === 'import' && <ImportDialog file={file} onClose={close} onSaved={show} />}
      {tool === 'rules' && <RulesDialog file={file} mayWrite={mayWrite} onClose={close} onWaiting={() => setTool('waiting')} />}
      {tool === 'waiting' && <WaitingDialog file={file} mayWrite={mayWrite} onClose={close} onSaved={show} />}
      {tool === 'generate' && <GenerateDialog file={file} newest={newest} onClose={close} onSaved={show} />}
      <ConfirmDialog
        open={blocked.status === 'blocked'}
        onClose={() => blocked.reset?.()}
        title="Leave without saving?"
        loss={`What you did to this dataset is lost: ${editWords(countEdits(history.edits))}.`}
        action="Leave and lose it"
        onConfirm={async () => blocked.proceed?.()}
      />
    </div>
  );
}

/** Goes to a version that was saved: the list is read anew first, so that it is there. */
function useShow(file: DatasetResponse, onLeave: () => void): (version: string) => Promise<void> {
  const navigate = route.useNavigate();
  const versions = useQuery(versionsQuery('dataset', file.id));
  return async (version) => {
    onLeave();
    const { data } = await versions.refetch();
    await navigate({ search: { version: data?.[0]?.version_id === version ? undefined : version }, ignoreBlocker: true });
  };
}
