import { type Carrying, refusalOf } from './carrying.ts';
import type { Ours } from './ours.ts';

/** Of environments that demand nothing yet. */
export async function carryGates({ gates, places, authors, fileIds, scope, report }: Carrying, { gates: all }: Ours): Promise<void> {
  for (const [environment, some] of Map.groupBy(all ?? [], (gate) => gate.environment)) {
    try {
      const carried = [];
      for (const gate of some) {
        carried.push({
          id: gate.id,
          evaluation: gate.evaluation,
          fileId: gate.file_id === null ? null : (fileIds.get(gate.file_id) ?? gate.file_id),
          noRegression: gate.no_regression,
          hardRules: gate.hard_rules,
          maxAgeDays: gate.max_age_days,
          createdAt: gate.created_at,
          createdBy: (await authors.idOf(gate.created_by)) ?? scope.actor.id,
        });
      }
      await gates.carry.takeGates(scope, await places.idOf(environment), carried);
      report.carried('gates', some.length);
    } catch (error) {
      report.problem('whetstone/gates.json', `gates of ${environment}`, refusalOf(error));
    }
  }
}
