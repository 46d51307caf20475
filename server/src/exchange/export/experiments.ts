import type { Exporting } from './files.ts';
import { addLines } from './lines.ts';
import { iso } from './records.ts';

/**
 * `whetstone/experiments.json`: experiments with epochs, history and looks; beside it `exposures/` (when each unit was first given an
 * arm) and `outcomes/` (what its window held), so that results are the same elsewhere.
 */
export async function addExperiments({ pack, deps, scope, authors }: Exporting): Promise<void> {
  const experiments = await deps.experiments.carry.experiments(scope);
  const by = await authors.named(experiments.flatMap(({ created_by, events }) => [created_by, ...events.map(({ actor }) => actor)]));
  const records = experiments.map(
    ({ started_at, ended_at, created_at, updated_at, created_by, epochs, events, analysis, looks, ...rest }) => ({
      ...rest,
      started_at: iso(started_at),
      ended_at: iso(ended_at),
      created_at: iso(created_at),
      created_by: by(created_by),
      updated_at: iso(updated_at),
      epochs: epochs.map((epoch) => ({ ...epoch, started_at: iso(epoch.started_at) })),
      events: events.map(({ at, actor, ...event }) => ({ at: iso(at), ...event, by: by(actor) })),
      analysis: analysis && { ...analysis, settled_until: iso(analysis.settled_until), looked_at: iso(analysis.looked_at) },
      looks: looks.map(({ at, look }) => ({ at: iso(at), look })),
    }),
  );
  await pack.json('whetstone/experiments.json', records);
  await addLines(pack, 'whetstone/experiments/exposures', exposuresOf(deps.logs.exposures.all(scope)));
  await addLines(pack, 'whetstone/experiments/outcomes', deps.logs.exposures.outcomes(scope));
}

async function* exposuresOf(
  all: AsyncIterable<{ at: Date; receivedAt: Date; experimentId: string; armId: string }>,
): AsyncGenerator<object> {
  for await (const { at, receivedAt, experimentId, armId, ...rest } of all)
    yield { experiment_id: experimentId, arm_id: armId, ...rest, at: at.toISOString(), received_at: receivedAt.toISOString() };
}
