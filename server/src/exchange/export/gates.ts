import type { Ground } from '../../files/index.ts';
import type { Exporting } from './files.ts';

/** `whetstone/gates.json`: what environments demand, by environment and in their order. */
export async function addGates({ pack, deps, scope, authors }: Exporting, { environments }: Ground): Promise<void> {
  const gates = await deps.gates.carry.gates(scope);
  const by = await authors.named(gates.map(({ createdBy }) => createdBy));
  const records = environments.flatMap(({ id: environmentId, name }) =>
    gates
      .filter((gate) => gate.environmentId === environmentId)
      .map((gate) => ({
        id: gate.id,
        environment: name,
        evaluation: gate.evaluation,
        file_id: gate.fileId,
        no_regression: gate.noRegression,
        hard_rules: gate.hardRules,
        max_age_days: gate.maxAgeDays,
        created_at: gate.createdAt.toISOString(),
        created_by: by(gate.createdBy),
      })),
  );
  await pack.json('whetstone/gates.json', records);
}
