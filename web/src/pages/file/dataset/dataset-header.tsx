import type { DatasetResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CopyCheck, GitCompare, Inbox, ListFilterPlus, Redo2, Sparkles, Undo2, Upload } from 'lucide-react';
import type { ReactNode } from 'react';
import { query } from '../../../api/query.ts';
import { Badge } from '../../../kit/badge.tsx';
import { Button, buttonClass, IconButton } from '../../../kit/button.tsx';
import { formatCount } from '../../../kit/format.ts';
import { Select } from '../../../kit/select.tsx';
import { Ago } from '../../../kit/time.tsx';
import { useLinks } from '../../../parts/links.ts';
import { VersionMark } from '../../../parts/version.tsx';
import type { DatasetTool } from './dataset-page.tsx';
import { countEdits, editWords, hasEdits } from './edits.ts';
import type { EditHistory } from './use-edits.ts';

/** New logs become cases by rules; what they found waits for somebody. */
function RuleButtons({
  datasetId,
  unsaved,
  onTool,
}: {
  datasetId: string;
  unsaved: boolean;
  onTool: (tool: DatasetTool) => void;
}): ReactNode {
  const waiting = useQuery(query('dataset_rules.list', { params: { id: datasetId } })).data?.waiting ?? 0;
  return (
    <>
      <Button icon={ListFilterPlus} onClick={() => onTool('rules')}>
        Rules
      </Button>
      {waiting > 0 && (
        <Button icon={Inbox} disabled={unsaved} onClick={() => onTool('waiting')}>
          {formatCount(waiting)} waiting
        </Button>
      )}
    </>
  );
}

/** Which version this is, what can be done with it, and what is not saved yet. */
export function DatasetHeader({
  file,
  versions,
  history,
  mayWrite,
  tool,
  onVersion,
  onTool,
}: {
  file: DatasetResponse;
  versions: DatasetResponse[];
  history: EditHistory;
  mayWrite: boolean;
  tool: DatasetTool | null;
  onVersion: (version: string) => void;
  onTool: (tool: DatasetTool | null) => void;
}): ReactNode {
  const links = useLinks();
  const before = versions[versions.findIndex((one) => one.version_id === file.version_id) + 1];
  const unsaved = hasEdits(history.edits);
  return (
    <div className="flex flex-col gap-2 border-b border-line px-4 py-3 md:px-6">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Select
          label="Version"
          value={file.version_id}
          onChange={onVersion}
          options={versions.map((one) => ({
            value: one.version_id,
            label: <VersionMark hash={one.content_hash} name={one.version_name} />,
            hint: one.version_description ?? undefined,
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
        {file.version_description && <span className="min-w-0 truncate text-ink-2 max-md:hidden">{file.version_description}</span>}
        <span className="num ml-auto text-ink-2">
          {formatCount(file.datapoints_count)} {file.datapoints_count === 1 ? 'datapoint' : 'datapoints'}
        </span>
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        {mayWrite && (
          <>
            <Button icon={Upload} disabled={unsaved} onClick={() => onTool('import')}>
              Import
            </Button>
            <Button icon={Sparkles} disabled={unsaved} onClick={() => onTool('generate')}>
              Generate
            </Button>
          </>
        )}
        {file.datapoints_count > 1 && (
          <Button icon={CopyCheck} aria-pressed={tool === 'duplicates'} onClick={() => onTool(tool === 'duplicates' ? null : 'duplicates')}>
            Duplicates
          </Button>
        )}
        <RuleButtons datasetId={file.id} unsaved={unsaved} onTool={onTool} />
        {before && (
          <Link {...links.versions(file.id, { from: before.version_id, to: file.version_id })} className={buttonClass({ look: 'quiet' })}>
            <GitCompare size={15} strokeWidth={1.5} aria-hidden /> What changed
          </Link>
        )}
        <span className="flex-1" />
        {mayWrite && (
          <>
            <span role="status" className="num text-ink-2">
              {unsaved ? editWords(countEdits(history.edits)) : ''}
            </span>
            <IconButton icon={Undo2} label="Undo" keys="mod+z" disabled={!history.mayUndo} onClick={history.undo} />
            <IconButton
              icon={Redo2}
              label="Redo"
              keys="mod+y"
              disabled={!history.mayRedo}
              onClick={history.redo}
              className="max-md:hidden"
            />
            {unsaved && (
              <Button look="quiet" onClick={history.discard}>
                Discard
              </Button>
            )}
            <Button look="primary" disabled={!unsaved} onClick={() => onTool('save')}>
              Save version
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
