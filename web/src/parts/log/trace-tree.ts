import type { LogResponse } from '@whetstone/contract';

export interface TraceRow {
  log: LogResponse;
  depth: number;
  /** Milliseconds from the start of the trace; null when the log has no times. */
  start: number | null;
  duration: number | null;
}

/** The logs of a trace as indented rows, children under their parent in order of start. A log whose parent is unknown stands at the top. */
export function traceRows(records: readonly LogResponse[]): { rows: TraceRow[]; total: number } {
  const known = new Set(records.map((log) => log.id));
  const children = new Map<string, LogResponse[]>();
  for (const log of records) {
    const parent =
      log.trace_parent_id !== null && known.has(log.trace_parent_id) && log.trace_parent_id !== log.id ? log.trace_parent_id : '';
    children.set(parent, [...(children.get(parent) ?? []), log]);
  }
  const starts = records.map(startOf).filter((at) => at !== null);
  const first = starts.length === 0 ? 0 : Math.min(...starts);
  const rows: TraceRow[] = [];
  const seen = new Set<string>();
  const visit = (parent: string, depth: number) => {
    const level = (children.get(parent) ?? []).toSorted((a, b) => (startOf(a) ?? 0) - (startOf(b) ?? 0));
    for (const log of level) {
      if (seen.has(log.id)) continue;
      seen.add(log.id);
      const start = startOf(log);
      rows.push({ log, depth, start: start === null ? null : start - first, duration: durationOf(log) });
      visit(log.id, depth + 1);
    }
  };
  visit('', 0);
  // Logs that are each other's parents are in no tree; they are shown all the same.
  for (const log of records) if (!seen.has(log.id)) rows.push({ log, depth: 0, start: null, duration: durationOf(log) });
  const total = Math.max(1, ...rows.map((row) => (row.start ?? 0) + (row.duration ?? 0)));
  return { rows, total };
}

function startOf(log: LogResponse): number | null {
  const at = new Date(log.start_time ?? log.created_at).getTime();
  return Number.isNaN(at) ? null : at;
}
function durationOf(log: LogResponse): number | null {
  if (log.latency_ms !== null) return log.latency_ms;
  if (log.start_time === null || log.end_time === null) return null;
  return Math.max(0, new Date(log.end_time).getTime() - new Date(log.start_time).getTime());
}
