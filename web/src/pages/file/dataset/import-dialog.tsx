import type { DatasetResponse, ImportColumn } from '@whetstone/contract';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { type Answer, request, send } from '../../../api/client.ts';
import { messageOf } from '../../../api/errors.ts';
import { queryKey } from '../../../api/query.ts';
import { upload } from '../../../api/upload.ts';
import { Button } from '../../../kit/button.tsx';
import { Checkbox } from '../../../kit/checkbox.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { formatBytes, formatCount } from '../../../kit/format.ts';
import { Notice } from '../../../kit/notice.tsx';
import { Progress } from '../../../kit/progress.tsx';
import { changedBy } from '../../../parts/file-query.ts';
import { ImportMapping } from './import-mapping.tsx';
import { ImportPreview } from './import-preview.tsx';
import { ImportResult } from './import-result.tsx';

const previewBytes = 1 << 20;

export type Mapping = Record<string, ImportColumn>;
export type Imported = Answer<'datasets.import'>;

/** A CSV or JSONL file, looked at before it is taken: what each column becomes is said by hand where its name does not say it. */
export function ImportDialog({
  file: dataset,
  onClose,
  onSaved,
}: {
  file: DatasetResponse;
  onClose: () => void;
  onSaved: (version: string) => Promise<void>;
}): ReactNode {
  const client = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const stopping = useRef<AbortController>(null);
  const [file, setFile] = useState<File | null>(null);
  const [mapping, setMapping] = useState<Mapping>({});
  const [skipBad, setSkipBad] = useState(false);
  const [why, setWhy] = useState('');
  const [sent, setSent] = useState<number | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [done, setDone] = useState<Imported | null>(null);
  const format = file !== null && /\.(jsonl|ndjson|json)$/i.test(file.name) ? 'jsonl' : 'csv';
  const type = format === 'csv' ? 'text/csv' : 'application/x-ndjson';
  const preview = useQuery({
    queryKey: [...queryKey('datasets.preview_import'), file?.name, file?.size, file?.lastModified, mapping],
    enabled: file !== null,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Answer<'datasets.preview_import'>> => {
      const partial = (file?.size ?? 0) > previewBytes;
      const query = { format, partial, mapping: JSON.stringify(mapping) };
      const { url, init } = request('datasets.preview_import', { query });
      const response = await send(url, {
        ...init,
        headers: { ...init.headers, 'content-type': type },
        body: file?.slice(0, previewBytes) ?? null,
        signal,
      });
      return (await response.json()) as Answer<'datasets.preview_import'>;
    },
  });
  const take = (next: File | undefined): void => {
    if (next === undefined) return;
    setFile(next);
    setMapping({});
    setFailed(null);
  };
  const start = async (): Promise<void> => {
    if (file === null) return;
    const stop = new AbortController();
    stopping.current = stop;
    setSent(0);
    setFailed(null);
    const lines: Imported[] = [];
    try {
      const query = {
        format,
        mapping: JSON.stringify(mapping),
        skip_bad: skipBad,
        version_description: why.trim() || `Import ${file.name}`,
      } as const;
      await upload('datasets.import', [{ params: { id: dataset.id }, query }], {
        body: file,
        type,
        signal: stop.signal,
        onSent: setSent,
        onLine: (line) => lines.push(line),
      });
      setDone(lines[0] ?? null);
    } catch (error) {
      setFailed(messageOf(error));
    } finally {
      setSent(null);
    }
  };
  const close = (): void => {
    stopping.current?.abort();
    onClose();
    if (done?.created !== true) return;
    // Only now: the page goes to the newest version as soon as it knows of it, and this dialog with it.
    for (const name of changedBy('dataset')) void client.invalidateQueries({ queryKey: queryKey(name) });
    void onSaved(done.dataset.version_id);
  };
  return (
    <Dialog
      open
      onClose={close}
      title="Import datapoints"
      width="max-w-4xl"
      description="They are added to the newest version. CSV or JSON lines, UTF-8."
    >
      {done !== null ? (
        <ImportResult done={done} onClose={close} />
      ) : (
        <>
          <input
            ref={picker}
            type="file"
            hidden
            aria-label="File to import"
            accept=".csv,.tsv,.txt,.jsonl,.ndjson,.json"
            onChange={(event) => take(event.target.files?.[0])}
          />
          <div
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              take(event.dataTransfer.files[0]);
            }}
            className="flex flex-wrap items-center gap-3 rounded-md border border-dashed border-line-strong px-3 py-2.5"
          >
            <Button onClick={() => picker.current?.click()} look={file === null ? 'primary' : 'plain'}>
              {file === null ? 'Choose a file' : 'Choose another'}
            </Button>
            <span className="min-w-0 truncate text-ink-2">
              {file === null ? 'or drop it here' : `${file.name}, ${formatBytes(file.size)}`}
            </span>
          </div>
          {failed !== null && (
            <Notice kind="error" title="Nothing was imported" className="mt-3">
              {failed}
            </Notice>
          )}
          {preview.error && (
            <Notice kind="error" title="The file cannot be read" className="mt-3">
              {preview.error.message}
            </Notice>
          )}
          {preview.data && !preview.error && (
            <>
              <ImportMapping columns={preview.data.columns} onChange={(name, column) => setMapping({ ...mapping, [name]: column })} />
              <label className="mt-4 flex items-center gap-2">
                <Checkbox checked={skipBad} onChange={setSkipBad} label="Skip bad rows" /> Skip bad rows and list them; else nothing is kept
                of a file that has any
              </label>
              <ImportPreview preview={preview.data} partial={(file?.size ?? 0) > previewBytes} />
              <div className="mt-4 flex flex-wrap items-end gap-x-6 gap-y-3">
                <Field label="Why" className="min-w-60 flex-1">
                  {(props) => (
                    <Input
                      {...props}
                      value={why}
                      onChange={(event) => setWhy(event.target.value)}
                      placeholder={`Import ${file?.name ?? ''}`}
                    />
                  )}
                </Field>
              </div>
            </>
          )}
          {sent !== null && file !== null && (
            <div className="mt-4">
              <Progress
                label={sent < file.size ? 'Sending' : 'Reading and saving'}
                detail={`${formatBytes(Math.min(sent, file.size))} of ${formatBytes(file.size)}`}
                share={sent < file.size ? sent / file.size : null}
              />
            </div>
          )}
          <DialogActions>
            <Button onClick={close}>Cancel</Button>
            <Button
              look="primary"
              busy={sent !== null}
              disabled={file === null || !preview.data || preview.error !== null}
              onClick={() => void start()}
            >
              Import{preview.data && (file?.size ?? 0) <= previewBytes ? ` ${formatCount(preview.data.rows)} rows` : ''}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}
