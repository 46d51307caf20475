import type { Exporting } from './files.ts';

/** `whetstone/dataset-rules.json`: by which rules new logs become cases of datasets, what waits, and what was decided. */
export async function addRules({ pack, deps, scope, authors }: Exporting): Promise<void> {
  const rules = await deps.rules.carry.rules(scope);
  const by = await authors.named(rules.flatMap(({ created_by, cases }) => [created_by, ...cases.map(({ decided_by }) => decided_by)]));
  const records = rules.map(({ cases, created_by, created_at, updated_at, ...rule }) => ({
    ...rule,
    created_at: created_at.toISOString(),
    created_by: by(created_by),
    updated_at: updated_at.toISOString(),
    cases: cases.map(({ datapoint, found_at, decided_at, decided_by, ...each }) => ({
      ...each,
      datapoint: datapoint === null ? null : (JSON.parse(datapoint) as unknown),
      found_at: found_at.toISOString(),
      decided_at: decided_at?.toISOString() ?? null,
      decided_by: by(decided_by),
    })),
  }));
  await pack.json('whetstone/dataset-rules.json', records);
}
