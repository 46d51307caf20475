import type { LogResponse } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import { traceRows } from './trace-tree.ts';

const log = (id: string, parent: string | null, startMs: number, latency: number | null) =>
  ({
    id,
    trace_parent_id: parent,
    start_time: new Date(startMs).toISOString(),
    end_time: null,
    created_at: new Date(startMs).toISOString(),
    latency_ms: latency,
  }) as LogResponse;
const names = (rows: ReturnType<typeof traceRows>['rows']) => rows.map((row) => '  '.repeat(row.depth) + row.log.id);

describe('a trace', () => {
  it('puts children under their parents in the order of their start', () => {
    const { rows, total } = traceRows([
      log('late', 'root', 300, 200),
      log('early', 'root', 100, 50),
      log('root', null, 0, 600),
      log('inner', 'late', 310, 10),
    ]);
    expect(names(rows)).toEqual(['root', '  early', '  late', '    inner']);
    expect(total).toBe(600);
    expect(rows[2]?.start).toBe(300);
  });
  it('shows a log whose parent is missing, and ends when parents go in a circle', () => {
    const { rows } = traceRows([log('a', 'b', 0, 1), log('b', 'a', 0, 1), log('orphan', 'gone', 5, 1)]);
    expect(rows.map((row) => row.log.id).toSorted()).toEqual(['a', 'b', 'orphan']);
  });
});
