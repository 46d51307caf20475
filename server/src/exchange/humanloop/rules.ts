import { notFound } from '@whetstone/contract';
import type { CarriedCase, CarriedRule } from '../../rules/index.ts';
import { type Carrying, refusalOf } from './carrying.ts';
import type { Ours } from './ours.ts';

type ExportedRule = NonNullable<Ours['dataset-rules']>[number];

/** Rules of datasets, with the cases that wait. */
export async function carryRules(carrying: Carrying, ours: Ours): Promise<void> {
  const { rules, scope, report } = carrying;
  for (const [index, rule] of (ours['dataset-rules'] ?? []).entries()) {
    try {
      await rules.carry.take(scope, await ruleOf(carrying, rule));
      report.carried('rules');
    } catch (error) {
      report.problem(`whetstone/dataset-rules.json:${index + 1}`, `rule ${rule.name}`, refusalOf(error));
    }
  }
}

async function ruleOf({ authors, files, fileIds, scope }: Carrying, rule: ExportedRule): Promise<CarriedRule> {
  const here = (id: string | null): string | null => (id === null ? null : (fileIds.get(id) ?? id));
  const datasetId = fileIds.get(rule.dataset_id) ?? rule.dataset_id;
  if ((await files.find(scope, 'dataset', { id: datasetId })) === null) throw notFound('Dataset', rule.dataset_id);
  const cases: CarriedCase[] = [];
  for (const { datapoint, decided_by, ...each } of rule.cases)
    cases.push({ ...each, datapoint: datapoint === null ? null : JSON.stringify(datapoint), decided_by: await authors.idOf(decided_by) });
  return {
    ...rule,
    dataset_id: datasetId,
    file_id: here(rule.file_id),
    correction_id: here(rule.correction_id),
    created_by: (await authors.idOf(rule.created_by)) ?? scope.actor.id,
    cases,
  };
}
