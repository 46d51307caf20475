import { csvCell as cell } from '@whetstone/domain';

/** Columns of an exported list, in order; nested values are JSON. */
const columns = [
  'id',
  'created_at',
  'type',
  'path',
  'version_id',
  'environment',
  'origin',
  'status',
  'model',
  'latency_ms',
  'prompt_tokens',
  'output_tokens',
  'cost_usd',
  'user',
  'session',
  'reference_id',
  'trace_id',
  'trace_parent_id',
  'inputs',
  'messages',
  'output',
  'error',
  'metadata',
  'judgments',
] as const;

export function csvHeader(): string {
  return `${columns.join(',')}\r\n`;
}

/** One presented log as a line of CSV (RFC 4180). */
export function csvLine(log: Record<string, unknown>): string {
  const file = (log[log['type'] as string] ?? {}) as Record<string, unknown>;
  const judgments = (log['evaluator_logs'] as { judgment: unknown; evaluator: { path: string } }[]).map((j) => [
    j.evaluator.path,
    j.judgment,
  ]);
  const row: Record<string, unknown> = {
    ...log,
    path: file['path'],
    version_id: file['version_id'],
    judgments: judgments.length === 0 ? null : Object.fromEntries(judgments),
  };
  return `${columns.map((column) => cell(row[column])).join(',')}\r\n`;
}

export { cell };
