import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { flag } from './query.ts';

const count = z.object({ found: z.int(), carried: z.int() });

/** What an import found, and what of it is in the workspace now. */
export const importReport = z
  .object({
    counts: z.object({
      files: count,
      versions: count,
      environments: count,
      deployments: count,
      datapoints: count,
      monitors: count,
      /** Of monitors. */
      alerts: count,
      logs: count,
      judgments: count,
      evaluations: count,
      runs: count,
      /** Review queues. */
      reviews: count,
      /** What environments demand. */
      gates: count,
      /** By which new logs become cases of datasets. */
      rules: count,
      experiments: count,
      /** Routes, limits, prices, rules for spans, webhooks, settings: what only an export of Whetstone has. */
      settings: count,
    }),
    /** What could not be carried, or not as it was. */
    problems: z.array(z.object({ where: z.string(), what: z.string(), why: z.string() })),
    /** Problems beyond those listed. */
    more: z.int(),
    /** No export has them. */
    reenter: z.object({
      providers: z.array(z.string()),
      people: z.array(z.string()),
      /** Names of model credentials. */
      credentials: z.array(z.string()),
      /** Names of API keys. */
      keys: z.array(z.string()),
      /** Environment variables of tools, as `PATH NAME`. */
      variables: z.array(z.string()),
      /** URLs of webhooks; those that came have a new signing secret. */
      webhooks: z.array(z.string()),
    }),
  })
  .meta({ id: 'ImportReport' });
export type ImportReport = z.infer<typeof importReport>;

/** One line of the answer. The last one is a report or an error. */
export const importEvent = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('progress'),
      step: z.enum(['reading', 'files', 'logs', 'evaluations', 'settings']),
      done: z.int(),
      total: z.int().nullable(),
    }),
    z.object({
      type: z.literal('report'),
      report: importReport,
      /** Under which what was sent is kept. */
      upload: z.string().optional(),
    }),
    z.object({
      type: z.literal('error'),
      message: z.string(),
      /** `ids_taken`: another workspace of the server has files of these ids; importing with new ids helps. */
      code: z.string().optional(),
    }),
  ])
  .meta({ id: 'ImportEvent' });
export type ImportEvent = z.infer<typeof importEvent>;

/** Code of the error of an import whose files another workspace has. */
export const idsTaken = 'ids_taken';

/** What an import reads, by name. Each is a row of the table of importers in `server/src/exchange`. */
export const importSources = ['humanloop', 'openai', 'promptfoo', 'langfuse'] as const;
export type ImportSource = (typeof importSources)[number];

export const exchangeEndpoints = {
  'imports.run': endpoint({
    method: 'POST',
    path: '/imports/{source}',
    permission: 'admin',
    tag: 'imports',
    summary:
      'Import an export of Humanloop, OpenAI (evals, stored prompts), promptfoo or Langfuse, as a ZIP file; answers JSON lines, the report last',
    params: z.object({ source: z.enum(importSources) }),
    query: z.object({
      /** Read everything, change nothing. */
      dry_run: flag.nullish(),
      /** Directory of the workspace under which what arrives is put. Not for Humanloop, whose files have paths of their own. */
      to: z.string().min(1).max(500).nullish(),
      /** Other ids for files, evaluations, runs and review queues: another workspace of the server has the same export. */
      new_ids: flag.nullish(),
      /** Keep what was sent for half an hour; the report says under which name. */
      keep: flag.nullish(),
      /** Import what was kept under this name; nothing is sent then. */
      upload: z.string().min(1).max(100).nullish(),
    }),
    output: importEvent,
    raw: true,
    stream: true,
  }),
  'exports.humanloop': endpoint({
    method: 'GET',
    path: '/exports/humanloop',
    permission: 'admin',
    tag: 'exports',
    summary:
      'The whole workspace as a ZIP file in the layout of Humanloop’s export tool, with `whetstone/` for what that has no place for; streamed, and without secrets. The header `x-whetstone-files` says how many files of the workspace come',
    output: z.string(),
    stream: true,
  }),
} as const;
