import type { z } from 'zod';
import type { CarriedExperiment } from '../../experiments/index.ts';
import { type Carrying, refusalOf } from './carrying.ts';
import { exposureShape, outcomeShape } from './experiment-shapes.ts';
import { records } from './logs.ts';
import type { Ours } from './ours.ts';
import { whyNot } from './shapes.ts';

type Exported = NonNullable<Ours['experiments']>[number];

const atOnce = 1_000;

/** After files and their deployments, which a running experiment would refuse. */
export async function carryExperiments(carrying: Carrying, { experiments: all }: Ours): Promise<void> {
  const { experiments, scope, report, logs } = carrying;
  const ids = new Map<string, string>();
  for (const [index, each] of (all ?? []).entries()) {
    const where = `whetstone/experiments.json:${index + 1}`;
    try {
      const taken = await experiments.carry.takeExperiment(scope, await experimentOf(carrying, each));
      if ('why' in taken) report.problem(where, `experiment ${each.name}`, taken.why);
      else {
        if (taken.there !== true) ids.set(each.id, taken.id);
        report.carried('experiments');
      }
    } catch (error) {
      report.problem(where, `experiment ${each.name}`, refusalOf(error));
    }
  }
  await carryRows(carrying, 'exposures', exposureShape, async (rows) => {
    const known = rows.flatMap(({ experiment_id, arm_id, received_at, ...row }) => {
      const id = ids.get(experiment_id);
      return id === undefined ? [] : [{ ...row, experimentId: id, armId: arm_id, receivedAt: received_at }];
    });
    if (known.length > 0) await logs.exposures.take(scope, known);
  });
  await carryRows(carrying, 'outcomes', outcomeShape, async (rows) => {
    const known = rows.flatMap((row) => {
      const id = ids.get(row.experiment_id);
      return id === undefined ? [] : [{ ...row, experiment_id: id }];
    });
    await logs.exposures.takeOutcomes(scope, known);
  });
}

async function carryRows<S extends z.ZodType>(
  carrying: Carrying,
  name: string,
  shape: S,
  take: (rows: z.output<S>[]) => Promise<void>,
): Promise<void> {
  let rows: z.output<S>[] = [];
  for (const path of carrying.archive.paths.filter((each) => each.startsWith(`whetstone/experiments/${name}/`))) {
    for await (const { where, record } of records(carrying, path)) {
      carrying.signal.throwIfAborted();
      const parsed = shape.safeParse(record);
      if (parsed.success) rows.push(parsed.data);
      else carrying.report.problem(where, name, whyNot(parsed.error));
      if (rows.length < atOnce) continue;
      await take(rows);
      rows = [];
    }
  }
  await take(rows);
}

async function experimentOf({ authors, fileIds, versions, places }: Carrying, exported: Exported): Promise<CarriedExperiment> {
  const { events, created_by, arms, ...rest } = exported;
  const told = [];
  for (const { by, ...event } of events) told.push({ ...event, actor: await authors.idOf(by) });
  return {
    ...rest,
    file_id: fileIds.get(rest.file_id) ?? rest.file_id,
    environment_id: places.byOldId.get(rest.environment_id) ?? rest.environment_id,
    arms: arms.map((arm) => ({
      ...arm,
      versionId: arm.versionId === null ? null : (versions.get(arm.versionId)?.versionId ?? arm.versionId),
    })),
    created_by: await authors.idOf(created_by),
    events: told,
  };
}
