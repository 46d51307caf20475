import type { EvaluationResponse } from '@whetstone/contract';
import { useNavigate } from '@tanstack/react-router';
import { Check, Copy, Download, Ellipsis, Link2, Plus, Settings2, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call, urlOf } from '../../../api/client.ts';
import { Button, IconButton } from '../../../kit/button.tsx';
import { useCopy } from '../../../kit/copy.tsx';
import { ConfirmDialog } from '../../../kit/dialog.tsx';
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../../kit/menu.tsx';
import { downloadFrom } from '../../../parts/download.ts';
import { useLinks } from '../../../parts/links.ts';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';
import { AddRunDialog } from './add-run-dialog.tsx';
import { useReportHere } from './report-context.ts';
import { SettingsDialog } from './settings-dialog.tsx';

const formats = [
  { format: 'csv', ending: 'csv', label: 'CSV, a row a judgment' },
  { format: 'jsonl', ending: 'jsonl', label: 'JSON Lines' },
  { format: 'markdown', ending: 'md', label: 'Markdown, for a pull request' },
  { format: 'junit', ending: 'xml', label: 'JUnit XML' },
] as const;

/** What can be done with the whole evaluation. */
export function ReportActions({ evaluation }: { evaluation: EvaluationResponse }): ReactNode {
  const { id, search } = useReportHere();
  const mayWrite = useMay('write');
  const navigate = useNavigate();
  const links = useLinks();
  const [copied, copy] = useCopy();
  const [open, setOpen] = useState<'add' | 'settings' | 'delete' | null>(null);
  const { run } = useAction('The evaluation was not deleted', ['evaluations.list']);
  const name = (evaluation.name ?? 'evaluation').replaceAll(/[^\w.-]+/g, '-');
  const exported = (format: (typeof formats)[number]) =>
    void downloadFrom(
      urlOf('reports.export', { params: { id }, query: { format: format.format, baseline: search.baseline } }),
      `${name}.${format.ending}`,
    );
  return (
    <>
      <Button look="quiet" icon={copied ? Check : Link2} onClick={() => copy(window.location.href)} className="max-md:hidden">
        {copied ? 'Copied' : 'Copy link'}
      </Button>
      <Menu
        trigger={
          <Button look="quiet" icon={Download} className="max-md:hidden">
            Export
          </Button>
        }
      >
        {formats.map((one) => (
          <MenuItem key={one.format} onSelect={() => exported(one)}>
            {one.label}
          </MenuItem>
        ))}
      </Menu>
      {mayWrite && (
        <Button icon={Settings2} onClick={() => setOpen('settings')} className="max-md:hidden">
          Settings
        </Button>
      )}
      {mayWrite && (
        <Button look="primary" icon={Plus} onClick={() => setOpen('add')}>
          <span>
            Add<span className="max-md:hidden"> version</span>
          </span>
        </Button>
      )}
      <Menu trigger={<IconButton icon={Ellipsis} label="More about the evaluation" />}>
        <MenuItem icon={Link2} onSelect={() => copy(window.location.href)}>
          Copy link
        </MenuItem>
        <MenuItem icon={Copy} onSelect={() => copy(id)}>
          Copy evaluation id
        </MenuItem>
        {mayWrite && (
          <MenuItem icon={Settings2} onSelect={() => setOpen('settings')}>
            Settings
          </MenuItem>
        )}
        <MenuLine />
        <MenuLabel>Export</MenuLabel>
        {formats.map((one) => (
          <MenuItem key={one.format} icon={Download} onSelect={() => exported(one)}>
            {one.label}
          </MenuItem>
        ))}
        {mayWrite && (
          <>
            <MenuLine />
            <MenuItem icon={Trash2} danger onSelect={() => setOpen('delete')}>
              Delete
            </MenuItem>
          </>
        )}
      </Menu>
      {open === 'add' && <AddRunDialog evaluation={evaluation} onClose={() => setOpen(null)} />}
      {open === 'settings' && <SettingsDialog evaluation={evaluation} onClose={() => setOpen(null)} />}
      <ConfirmDialog
        open={open === 'delete'}
        onClose={() => setOpen(null)}
        title={`Delete ${evaluation.name == null ? 'this evaluation' : `“${evaluation.name}”`}?`}
        loss="The report and its settings are gone. The logs of its runs and their judgments stay."
        action="Delete evaluation"
        onConfirm={async () => {
          if (await run(() => call('evaluations.delete', { params: { id } }), 'Evaluation deleted')) {
            await navigate(links.evaluations());
          }
        }}
      />
    </>
  );
}
