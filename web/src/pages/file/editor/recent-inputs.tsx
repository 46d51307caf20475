import { useQuery, useQueryClient } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { query } from '../../../api/query.ts';
import { Button } from '../../../kit/button.tsx';
import { Popover } from '../../../kit/popover.tsx';
import { Ago } from '../../../kit/time.tsx';
import { pretty } from '../../../parts/log/json.ts';
import { previewsOf } from '../../../parts/logs/log-file.ts';

/** Fills the inputs with those of a call that was really made. */
export function RecentInputs({ fileId, onChoose }: { fileId: string; onChoose: (inputs: Record<string, string>) => void }): ReactNode {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const logs = useQuery({ ...query('logs.list', { query: { file_id: [fileId], size: 12, summary: true, count: false } }), enabled: open });
  const choose = async (id: string) => {
    const log = await client.fetchQuery(query('logs.get', { params: { id } }));
    onChoose(
      Object.fromEntries(
        Object.entries(log.inputs ?? {}).map(([name, value]) => [name, typeof value === 'string' ? value : pretty(value)]),
      ),
    );
    setOpen(false);
  };
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      align="end"
      className="w-[min(440px,calc(100vw-16px))] p-1.5"
      trigger={
        <Button look="quiet" size="sm" icon={History}>
          From a log
        </Button>
      }
    >
      {logs.isPending && <div className="m-2 skeleton h-16" />}
      {logs.data?.records.length === 0 && <p className="p-2 text-ink-3">This prompt has no logs yet.</p>}
      {logs.data?.records.map((log) => (
        <button
          key={log.id}
          type="button"
          onClick={() => void choose(log.id)}
          className="flex h-7 w-full items-center gap-3 rounded-sm px-2 text-left hover:bg-hover pointer-coarse:h-10"
        >
          <span className="min-w-0 flex-1 truncate">{previewsOf(log).input || 'no inputs'}</span>
          <Ago at={log.created_at} className="text-meta text-ink-3" />
        </button>
      ))}
    </Popover>
  );
}
