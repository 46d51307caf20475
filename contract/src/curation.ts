import { z } from 'zod';
import { datapoint, datapointResponse, maxDatapoints } from './datasets.ts';
import { endpoint } from './endpoint.ts';
import { datasetResponse } from './files.ts';
import { flag, pageNumber, pageSize } from './query.ts';

/** Making datasets better: edits, comparison, cases from logs and files, duplicates, proposals by a model. */

const tag = 'datasets';
const params = z.object({ id: z.string() });
const tags = z.array(z.string().trim().min(1).max(100)).max(100).nullish();
const split = z.string().trim().min(1).max(100).nullish();
const why = { version_name: z.string().nullish(), version_description: z.string().nullish() };

/** A change of a version, so that nobody has to hold the whole of it. */
export const datasetEdit = z.strictObject({
  /** What the edit was made on. */
  base_version_id: z.string(),
  /** The version that was newest when the edit was begun: when another one is newest by now, 409 and nothing is kept. */
  expected_version_id: z.string().nullish(),
  /** Ids of datapoints of the base. */
  removed: z.array(z.string()).max(maxDatapoints).default([]),
  /** In place of datapoints of the base. */
  changed: z
    .array(z.strictObject({ id: z.string(), datapoint: datapoint.strict() }))
    .max(maxDatapoints)
    .default([]),
  /** After the one of the base with that id; without one at the end. */
  added: z
    .array(z.strictObject({ after: z.string().nullish(), datapoint: datapoint.strict() }))
    .max(maxDatapoints)
    .default([]),
  /** Inputs and keys of the target renamed, or taken away (null), in all datapoints that `changed` does not name. */
  columns: z
    .array(z.strictObject({ part: z.enum(['inputs', 'target']), key: z.string(), to: z.string().min(1).max(200).nullable() }))
    .max(200)
    .default([]),
  ...why,
});
export type DatasetEdit = z.infer<typeof datasetEdit>;

const counts = z.object({ added: z.int(), changed: z.int(), removed: z.int(), same: z.int() });

export const datapointChange = z
  .object({
    kind: z.enum(['added', 'changed', 'removed']),
    before: datapointResponse.nullable(),
    after: datapointResponse.nullable(),
    /** Of a changed one: what differs. */
    fields: z.array(z.string()),
  })
  .meta({ id: 'DatapointChange' });
export type DatapointChange = z.infer<typeof datapointChange>;

/** What a column of a file becomes. */
export const importColumn = z.strictObject({
  to: z.enum([
    'input',
    'inputs',
    'target',
    'target_key',
    'messages',
    'message',
    'metadata',
    'metadata_key',
    'split',
    'tags',
    'id',
    'ignore',
  ]),
  /** Name of the input, key of the target or of the metadata, role of the message. */
  key: z.string().max(200).nullish(),
});
export type ImportColumn = z.infer<typeof importColumn>;
const importMapping = z.record(z.string(), importColumn);

const mappingInQuery = z.string().transform((text, context): z.infer<typeof importMapping> => {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is no JSON object of columns' });
    return z.NEVER;
  }
  const parsed = importMapping.safeParse(given);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.addIssue({ code: 'custom', message: `${issue.path.join('.')}: ${issue.message}` });
  return z.NEVER;
});
const importQuery = z.object({
  format: z.enum(['csv', 'jsonl']),
  /** JSON: what each column becomes, by its name. Columns that it does not name are taken for what their names say. */
  mapping: mappingInQuery.nullish(),
});
export const importProblem = z.object({ line: z.int(), problem: z.string() });
export type ImportProblem = z.infer<typeof importProblem>;

/** What of logs becomes the target of cases. */
export const logTargets = ['output', 'correction', 'none'] as const;

const generated = z.object({
  datapoint: z.object({
    inputs: z.record(z.string(), z.string()).nullable(),
    target: z.record(z.string(), z.unknown()).nullable(),
  }),
  /** Alike to one that is there, or to one before it in this list: the share of their words, 1 for the same text. */
  similar: z.object({ similarity: z.number(), id: z.string().nullable(), text: z.string() }).nullable(),
});
export type GeneratedDatapoint = z.infer<typeof generated>;

const duplicateMember = z.object({ position: z.int(), datapoint: datapointResponse, similarity: z.number() });

export const curationEndpoints = {
  'datasets.edit': endpoint({
    method: 'POST',
    path: '/datasets/{id}/edit',
    permission: 'write',
    tag,
    summary: 'Save a version that differs from another by the datapoints that are removed, changed and added',
    params,
    body: datasetEdit,
    output: z.object({ dataset: datasetResponse, created: z.boolean() }).meta({ id: 'EditedDataset' }),
  }),
  'datasets.changes': endpoint({
    method: 'GET',
    path: '/datasets/{id}/changes',
    permission: 'read',
    tag,
    summary: 'What two versions differ by: datapoints added, changed (same inputs and messages) and removed',
    params,
    query: z.object({
      from: z.string(),
      to: z.string(),
      kind: z.enum(['added', 'changed', 'removed']).nullish(),
      page: pageNumber.default(1),
      size: pageSize.default(50),
    }),
    output: z
      .object({
        from: z.string(),
        to: z.string(),
        counts,
        records: z.array(datapointChange),
        page: z.int(),
        size: z.int(),
        total: z.int(),
      })
      .meta({ id: 'DatasetChanges' }),
  }),
  'datasets.add_from_logs': endpoint({
    method: 'POST',
    path: '/datasets/{id}/from-logs',
    permission: 'write',
    tag,
    summary: 'Add cases from logs, named or by a filter, as a new version; a case that is there is not added again',
    params,
    body: z.strictObject({
      log_ids: z.array(z.string()).min(1).max(10_000).nullish(),
      /** In the language of the logs page. */
      filter: z.string().nullish(),
      file_id: z.string().nullish(),
      start_date: z.iso.datetime({ offset: true, local: true }).nullish(),
      end_date: z.iso.datetime({ offset: true, local: true }).nullish(),
      /** Of a filter's logs, the newest so many. */
      limit: z.int().min(1).max(10_000).default(10_000),
      target: z.enum(logTargets).default('output'),
      /** Id or path of the evaluator whose judgments are the corrections; default: those of people that say a text, `feedback/correction` first. */
      correction: z.string().nullish(),
      /** Key of the target. */
      target_key: z.string().trim().min(1).max(200).default('output'),
      tags,
      split,
      ...why,
    }),
    output: z
      .object({
        dataset: datasetResponse,
        created: z.boolean(),
        logs: z.int(),
        added: z.int(),
        /** Cases that were there, or came twice. */
        already_there: z.int(),
        skipped: z.array(z.object({ log_id: z.string(), reason: z.string() })),
        skipped_total: z.int(),
      })
      .meta({ id: 'AddedFromLogs' }),
  }),
  'datasets.preview_import': endpoint({
    method: 'POST',
    path: '/datasets/preview-import',
    permission: 'write',
    tag,
    summary: 'What the start of a CSV or JSONL file would become; stores nothing (the body is the file, or its first megabyte)',
    query: importQuery.extend({ partial: flag.nullish() }),
    output: z
      .object({
        columns: z.array(
          z.object({ name: z.string(), to: importColumn.shape.to, key: z.string().nullable(), examples: z.array(z.string()) }),
        ),
        datapoints: z.array(datapoint),
        rows: z.int(),
        problems: z.array(importProblem),
        missing_targets: z.int(),
      })
      .meta({ id: 'ImportPreview' }),
    raw: true,
  }),
  'datasets.import': endpoint({
    method: 'POST',
    path: '/datasets/{id}/import',
    permission: 'write',
    tag,
    summary:
      'Add the rows of a CSV or JSONL file as a new version (the body is the file); nothing is kept of a file with bad rows unless they are to be skipped',
    params,
    query: importQuery.extend({
      action: z.enum(['set', 'add']).default('add'),
      skip_bad: flag.nullish(),
      /** For all rows, beside their own. */
      tags: z.string().nullish(),
      split,
      ...why,
    }),
    output: z
      .object({
        dataset: datasetResponse,
        created: z.boolean(),
        rows: z.int(),
        added: z.int(),
        already_there: z.int(),
        missing_targets: z.int(),
        problems: z.array(importProblem),
        problems_total: z.int(),
      })
      .meta({ id: 'ImportedDataset' }),
    raw: true,
  }),
  'datasets.duplicates': endpoint({
    method: 'GET',
    path: '/datasets/{id}/duplicates',
    permission: 'read',
    tag,
    summary: 'Groups of datapoints whose inputs and messages say the same, or nearly',
    params,
    query: z.object({
      version_id: z.string().nullish(),
      environment: z.string().nullish(),
      /** The share of words in a row that two have in common. */
      threshold: z.coerce.number().min(0.5).max(1).default(0.8),
      page: pageNumber.default(1),
      size: z.coerce.number().int().min(1).max(200).default(50),
    }),
    output: z
      .object({
        version_id: z.string(),
        threshold: z.number(),
        datapoints: z.int(),
        exact_groups: z.int(),
        near_groups: z.int(),
        /** All but the first of each group. */
        surplus_exact: z.array(z.string()),
        surplus_near: z.array(z.string()),
        groups: z.array(
          z.object({
            kind: z.enum(['exact', 'near']),
            /** The least of its members' with the first. */
            similarity: z.number(),
            /** The same question with different answers: one of them is wrong. */
            targets_differ: z.boolean(),
            members: z.array(duplicateMember),
            more: z.int(),
          }),
        ),
        page: z.int(),
        size: z.int(),
        total: z.int(),
      })
      .meta({ id: 'DatasetDuplicates' }),
  }),
  'datasets.generate': endpoint({
    method: 'POST',
    path: '/datasets/{id}/generate',
    permission: 'write',
    tag,
    summary: 'Ask a model for cases like those of the dataset; answers proposals and stores none of them',
    params,
    body: z.strictObject({
      model: z.string().min(1),
      provider: z.string().nullish(),
      n: z.int().min(1).max(50).default(10),
      instructions: z.string().max(10_000).default(''),
      version_id: z.string().nullish(),
      /** Ids of datapoints that show the model what is wanted; default: some from all over the dataset. */
      like: z.array(z.string()).max(20).nullish(),
      /** For a dataset that has none to show: names of the inputs, keys of the target. */
      inputs: z.array(z.string().min(1).max(200)).max(50).nullish(),
      target: z.array(z.string().min(1).max(200)).max(50).nullish(),
      temperature: z.number().min(0).max(2).nullish(),
    }),
    output: z
      .object({
        proposals: z.array(generated),
        /** Answered by the model and left out, because they said what is there already. */
        left_out: z.int(),
        /** Answered by the model outside the form. */
        unreadable: z.int(),
        log_id: z.string(),
        cost_usd: z.number().nullable(),
      })
      .meta({ id: 'GeneratedDatapoints' }),
  }),
} as const;
