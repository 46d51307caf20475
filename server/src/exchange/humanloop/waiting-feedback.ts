import { z } from 'zod';
import type { CarriedFeedback } from '../../feedback/index.ts';
import type { Carrying } from './carrying.ts';
import { records } from './logs.ts';
import { moment, whyNot } from './shapes.ts';

const id = z.string().min(1).max(200);
const waitingShape = z.object({
  by_reference: z.boolean(),
  log: z.string().min(1),
  evaluator_id: id,
  source: z.enum(['human', 'user']),
  judge: z.string(),
  judgment: z.object({
    evaluatorVersionId: id,
    remove: z.boolean(),
    value: z.union([z.boolean(), z.number(), z.string()]).nullable(),
    reason: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    correction: z.boolean(),
    text: z.boolean(),
    createdAt: z.string().nullable(),
    keyId: z.string().nullable(),
  }),
  options: z.record(z.string(), z.boolean()).nullable(),
  received_at: moment,
});
const atOnce = 1_000;

/** Feedback of logs that were not there. It waits here from now on; a log that came with the import is found at once. */
export async function carryWaitingFeedback(carrying: Carrying): Promise<void> {
  const { archive, feedback, report, scope, signal } = carrying;
  let rows: CarriedFeedback[] = [];
  const flush = async (): Promise<void> => {
    await feedback.carry.take(scope, rows);
    report.carried('judgments', rows.length);
    rows = [];
  };
  for (const path of pathsOfWaiting(archive.paths)) {
    for await (const { where, record } of records(carrying, path)) {
      signal.throwIfAborted();
      report.found('judgments');
      const parsed = waitingShape.safeParse(record);
      if (parsed.success) rows.push(await rowOf(carrying, parsed.data));
      else report.problem(where, 'feedback', whyNot(parsed.error));
      if (rows.length >= atOnce) await flush();
    }
  }
  await flush();
}

export function pathsOfWaiting(paths: readonly string[]): string[] {
  return paths.filter((path) => path.startsWith('whetstone/waiting-feedback/'));
}

async function rowOf({ fileIds, versions, authors }: Carrying, row: z.output<typeof waitingShape>): Promise<CarriedFeedback> {
  const { evaluatorVersionId } = row.judgment;
  return {
    ...row,
    evaluator_id: fileIds.get(row.evaluator_id) ?? row.evaluator_id,
    judge: row.source === 'human' ? ((await authors.idOf(row.judge)) ?? '') : row.judge,
    judgment: { ...row.judgment, evaluatorVersionId: versions.get(evaluatorVersionId)?.versionId ?? evaluatorVersionId },
    received_at: new Date(row.received_at),
  };
}
