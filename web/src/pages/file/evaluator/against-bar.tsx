import type { LogResponse } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Select } from '../../../kit/select.tsx';
import { previewsOf } from '../../../parts/logs/log-file.ts';

/** The answer that the others are compared with. */
export function AgainstBar({
  logs,
  against,
  onChange,
}: {
  logs: readonly LogResponse[];
  against: string | null;
  onChange: (id: string) => void;
}): ReactNode {
  return (
    <div className="flex min-h-9 shrink-0 items-center gap-2 border-b border-line px-3">
      <span className="shrink-0 text-ink-3">Compared with</span>
      <Select
        bare
        label="The answer that the others are compared with"
        value={against ?? ''}
        onChange={onChange}
        options={logs.map((log) => ({ value: log.id, label: labelOf(log) }))}
        className="min-w-0 flex-1"
      />
    </div>
  );
}

function labelOf(log: LogResponse): string {
  const { input, output } = previewsOf(log);
  return `${output || 'No output.'}${input === '' ? '' : ` — to: ${input}`}`.replaceAll(/\s+/g, ' ').slice(0, 90);
}

/** The log to compare with when nobody chose one: another answer to the same case, else the next one. */
export function otherOf(logs: readonly LogResponse[], here: LogResponse | null): string | null {
  const others = logs.filter(({ id }) => id !== here?.id);
  const same = others.find((log) => log.source_datapoint_id !== null && log.source_datapoint_id === here?.source_datapoint_id);
  const alike = others.find((log) => here !== null && previewsOf(log).input !== '' && previewsOf(log).input === previewsOf(here).input);
  return (same ?? alike ?? others[0])?.id ?? null;
}
