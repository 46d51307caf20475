import { z } from 'zod';
import { logTargets } from './curation.ts';
import { datapoint } from './datasets.ts';
import { endpoint } from './endpoint.ts';
import { datasetResponse, page } from './files.ts';
import { pageNumber, pageSize } from './query.ts';

/** Rules of a dataset: which new logs become cases of it, looked through by people first or added as they come. */

const tag = 'datasets';
const params = z.object({ id: z.string() });
const ruleParams = z.object({ id: z.string(), rule_id: z.string() });

const which = {
  /** Logs of this file; without one, of every file. */
  file_id: z.string().nullish(),
  /** In the language of the logs page. */
  filter: z.string().max(4000).nullish(),
  /** Share of the logs that fit: the same logs for whoever asks. */
  rate: z.number().gt(0).max(1).default(1),
  target: z.enum(logTargets).default('output'),
  /** Id or path of the evaluator whose judgments are the corrections; default: those of people that say a text, `feedback/correction` first. */
  correction: z.string().nullish(),
  /** Key of the target. */
  target_key: z.string().trim().min(1).max(200).default('output'),
  tags: z.array(z.string().trim().min(1).max(100)).max(100).default([]),
  split: z.string().trim().min(1).max(100).nullish(),
};
const how = {
  name: z.string().trim().min(1).max(200),
  /** Cases found in a day (UTC); what fits beyond them is left out. */
  most_a_day: z.int().min(1).max(10_000).default(50),
  /** `review`: each case waits for a person. `add`: they become a version by themselves. */
  mode: z.enum(['review', 'add']).default('review'),
  /** Of `add`: a version is saved when so many wait, or when the first has waited a day. */
  batch: z.int().min(1).max(10_000).default(100),
  state: z.enum(['active', 'inactive']).default('active'),
};
const ruleRequest = z.strictObject({
  ...which,
  ...how,
  /** Logs that came since then are looked at too; without it, only those that come from now on. */
  since: z.iso.datetime({ offset: true, local: true }).nullish(),
});

const rule = z
  .object({
    id: z.string(),
    dataset_id: z.string(),
    name: z.string(),
    file_id: z.string().nullable(),
    /** Path of the file. */
    file: z.string().nullable(),
    filter: z.string().nullable(),
    rate: z.number(),
    target: z.enum(logTargets),
    correction: z.string().nullable(),
    target_key: z.string(),
    tags: z.array(z.string()),
    split: z.string().nullable(),
    most_a_day: z.int(),
    mode: how.mode.unwrap(),
    batch: z.int(),
    state: how.state.unwrap(),
    /** Why it stands still. */
    trouble: z.string().nullable(),
    counts: z.object({
      /** Cases that wait for a person, or to be added. */
      waiting: z.int(),
      added: z.int(),
      dismissed: z.int(),
      /** Cases that were in the dataset, or waiting, already. */
      already_there: z.int(),
      /** Found today (UTC). */
      today: z.int(),
    }),
    looked_at: z.string().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'DatasetRule' });
export type DatasetRuleResponse = z.infer<typeof rule>;

const proposal = z
  .object({
    id: z.string(),
    rule_id: z.string(),
    rule: z.string(),
    log_id: z.string(),
    datapoint,
    found_at: z.string(),
  })
  .meta({ id: 'DatasetProposal' });

const optional = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).partial();

export const ruleEndpoints = {
  'dataset_rules.list': endpoint({
    method: 'GET',
    path: '/datasets/{id}/rules',
    permission: 'read',
    tag,
    summary: 'List the rules by which new logs become cases of a dataset, in the order in which they were made',
    params,
    output: z.object({ records: z.array(rule), waiting: z.int() }).meta({ id: 'DatasetRules' }),
  }),
  'dataset_rules.create': endpoint({
    method: 'POST',
    path: '/datasets/{id}/rules',
    permission: 'write',
    tag,
    summary: 'Have new logs that fit proposed as cases of a dataset, or added',
    params,
    body: ruleRequest,
    output: rule,
    status: 201,
  }),
  'dataset_rules.preview': endpoint({
    method: 'POST',
    path: '/datasets/{id}/rules/preview',
    permission: 'read',
    tag,
    summary: 'What a rule would have found in the last seven days; keeps nothing',
    params,
    body: z.strictObject(which),
    output: z
      .object({
        /** Logs of the last seven days that fit, sampled. */
        logs: z.int(),
        /** Of so many of them it was looked what they give. */
        looked_at: z.int(),
        cases: z.int(),
        already_there: z.int(),
        examples: z.array(z.object({ log_id: z.string(), datapoint })),
        skipped: z.array(z.object({ reason: z.string(), count: z.int() })),
      })
      .meta({ id: 'DatasetRulePreview' }),
  }),
  'dataset_rules.update': endpoint({
    method: 'PATCH',
    path: '/datasets/{id}/rules/{rule_id}',
    permission: 'write',
    tag,
    summary: 'Change a rule, or turn it off and on; what it found already waits on',
    params: ruleParams,
    body: optional({
      ...which,
      rate: which.rate.unwrap(),
      target: which.target.unwrap(),
      target_key: which.target_key.unwrap(),
      tags: which.tags.unwrap(),
      name: how.name,
      most_a_day: how.most_a_day.unwrap(),
      mode: how.mode.unwrap(),
      batch: how.batch.unwrap(),
      state: how.state.unwrap(),
    }),
    output: rule,
  }),
  'dataset_rules.run': endpoint({
    method: 'POST',
    path: '/datasets/{id}/rules/{rule_id}/run',
    permission: 'write',
    tag,
    summary: 'Look now; rules that are on look every minute by themselves',
    params: ruleParams,
    output: rule,
  }),
  'dataset_rules.delete': endpoint({
    method: 'DELETE',
    path: '/datasets/{id}/rules/{rule_id}',
    permission: 'write',
    tag,
    summary: 'Delete a rule with the cases that wait; those that were added stay',
    params: ruleParams,
    output: null,
    status: 204,
  }),
  'dataset_proposals.list': endpoint({
    method: 'GET',
    path: '/datasets/{id}/proposals',
    permission: 'read',
    tag,
    summary: 'List the cases that rules found and that wait, oldest first',
    params,
    query: z.object({ rule_id: z.string().nullish(), page: pageNumber.default(1), size: pageSize.default(50) }),
    output: page(proposal),
  }),
  'dataset_proposals.decide': endpoint({
    method: 'POST',
    path: '/datasets/{id}/proposals/decide',
    permission: 'write',
    tag,
    summary: 'Add cases that wait as a new version, changed or as they are, and dismiss others; what was decided already is left as it is',
    params,
    body: z.strictObject({
      accept: z
        .array(z.strictObject({ id: z.string(), datapoint: datapoint.strict().nullish() }))
        .max(10_000)
        .default([]),
      dismiss: z.array(z.string()).max(10_000).default([]),
      version_name: z.string().nullish(),
      version_description: z.string().nullish(),
    }),
    output: z
      .object({
        dataset: datasetResponse,
        created: z.boolean(),
        added: z.int(),
        already_there: z.int(),
        dismissed: z.int(),
        /** Named, and decided before or nowhere. */
        gone: z.int(),
      })
      .meta({ id: 'DecidedProposals' }),
  }),
} as const;
