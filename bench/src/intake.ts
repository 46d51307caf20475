import { makeData, runWorker } from './processes.ts';
import { type Figure, median, quantile } from './report.ts';

interface IntakeResult {
  perSecond: number;
  acknowledged: number;
  listMs: number[];
  drainSeconds: number;
}

/** Durable log writes by one process, with a page of the list read every 100 ms beside them. */
export async function benchIntake(quick: boolean): Promise<Figure[]> {
  const data = makeData();
  try {
    const result = await runWorker<IntakeResult>('bench/src/logs-worker.ts', [data.dir, 'intake', quick ? '4' : '15']);
    return [
      {
        suite: 'intake',
        name: 'logs of 1.6 KB acknowledged durable',
        value: result.perSecond,
        unit: '/s',
        bound: { op: '>=', value: 10_000 },
        note: 'one process, 128 writers',
      },
      {
        suite: 'intake',
        name: 'a page of the list meanwhile, median',
        value: median(result.listMs),
        unit: 'ms',
        bound: { op: '<=', value: 100 },
      },
      { suite: 'intake', name: 'a page of the list meanwhile, p95', value: quantile(result.listMs, 0.95), unit: 'ms' },
      { suite: 'intake', name: 'queue empty after the writers stop', value: result.drainSeconds, unit: 's' },
    ];
  } finally {
    data.remove();
  }
}
