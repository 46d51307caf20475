import type { DatasetResponse, DatasetRuleResponse } from '@whetstone/contract';
import type { Rule, RulePatch } from '../../rules/index.ts';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

/** Rules by which new logs become cases of datasets, and the cases that wait. */
export function ruleHandlers(rooms: Rooms): HandlersOf<'dataset_rules' | 'dataset_proposals'> {
  const { rules } = rooms;
  return {
    async 'dataset_rules.list'({ scope, params }) {
      const records = await rules.list(scope, params.id);
      return { records: records.map(present), waiting: records.reduce((sum, { counts }) => sum + counts.waiting, 0) };
    },
    async 'dataset_rules.create'({ scope, params, body }) {
      const rule = await rules.create(scope, params.id, {
        ...choiceOf(body),
        name: body.name,
        mostADay: body.most_a_day,
        mode: body.mode,
        batch: body.batch,
        state: body.state,
        since: body.since == null ? null : new Date(body.since),
      });
      return present(rule);
    },
    async 'dataset_rules.preview'({ scope, params, body, signal }) {
      const { logs, lookedAt, cases, alreadyThere, examples, skipped } = await rules.preview(scope, params.id, choiceOf(body), signal);
      return {
        logs,
        looked_at: lookedAt,
        cases,
        already_there: alreadyThere,
        examples: examples.map(({ logId, datapoint }) => ({ log_id: logId, datapoint })),
        skipped,
      };
    },
    async 'dataset_rules.update'({ scope, params, body }) {
      const patch: RulePatch = {
        name: body.name,
        fileId: body.file_id,
        filter: body.filter,
        rate: body.rate,
        mostADay: body.most_a_day,
        target: body.target,
        correction: body.correction,
        targetKey: body.target_key,
        tags: body.tags,
        split: body.split,
        mode: body.mode,
        batch: body.batch,
        state: body.state,
      };
      return present(await rules.update(scope, params.id, params.rule_id, patch));
    },
    async 'dataset_rules.run'({ scope, params, signal }) {
      return present(await rules.run(scope, params.id, params.rule_id, signal));
    },
    'dataset_rules.delete': ({ scope, params }) => rules.delete(scope, params.id, params.rule_id),
    async 'dataset_proposals.list'({ scope, params, query }) {
      const { page, size } = query;
      const { records, total } = await rules.waiting(scope, params.id, { ruleId: query.rule_id ?? null, page, size });
      return {
        records: records.map(({ row, rule, datapoint }) => ({
          id: row.id,
          rule_id: row.rule_id,
          rule,
          log_id: row.log_id,
          datapoint,
          found_at: row.found_at.toISOString(),
        })),
        page,
        size,
        total,
      };
    },
    async 'dataset_proposals.decide'({ scope, params, body }) {
      const { snapshot, createdVersion, added, alreadyThere, dismissed, gone } = await rules.decide(scope, params.id, {
        accept: body.accept.map(({ id, datapoint }) => ({ id, datapoint: datapoint ?? null })),
        dismiss: body.dismiss,
        versionName: body.version_name ?? null,
        versionDescription: body.version_description ?? null,
      });
      const [dataset] = await rooms.presentFiles(scope, [snapshot]);
      return { dataset: dataset as DatasetResponse, created: createdVersion, added, already_there: alreadyThere, dismissed, gone };
    },
  };
}

interface Choice {
  file_id?: string | null | undefined;
  filter?: string | null | undefined;
  rate: number;
  target: 'output' | 'correction' | 'none';
  correction?: string | null | undefined;
  target_key: string;
  tags: string[];
  split?: string | null | undefined;
}

function choiceOf(body: Choice) {
  return {
    fileId: body.file_id ?? null,
    filter: body.filter ?? null,
    rate: body.rate,
    target: body.target,
    correction: body.correction ?? null,
    targetKey: body.target_key,
    tags: body.tags,
    split: body.split ?? null,
  };
}

function present({ row, file, counts }: Rule): DatasetRuleResponse {
  return {
    id: row.id,
    dataset_id: row.dataset_id,
    name: row.name,
    file_id: row.file_id,
    file: file?.file.path ?? null,
    filter: row.filter,
    rate: row.rate,
    target: row.target,
    correction: row.correction_id,
    target_key: row.target_key,
    tags: row.tags,
    split: row.split,
    most_a_day: row.most_a_day,
    mode: row.mode,
    batch: row.batch,
    state: row.state,
    trouble: row.trouble,
    counts: {
      waiting: counts.waiting,
      added: counts.added,
      dismissed: counts.dismissed,
      already_there: counts.duplicate,
      today: counts.today,
    },
    looked_at: row.looked_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
