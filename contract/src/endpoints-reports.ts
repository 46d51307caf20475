import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { flag, many, pageNumber } from './query.ts';
import {
  evaluationReport,
  reportCases,
  reportFormats,
  reportPairs,
  reportSettings,
  reportSettingsRequest,
  reportSlices,
  sliceKinds,
} from './reports.ts';

const tag = 'reports';
const one = z.object({ id: z.string() });
const asked = {
  /** A run; default the control, else the oldest. */
  baseline: z.string().nullish(),
  run_id: many.nullish(),
};

export const reportEndpoints = {
  'reports.get': endpoint({
    method: 'GET',
    path: '/evaluations/{id}/report',
    permission: 'read',
    tag,
    summary: 'Runs side by side: scores with intervals, paired comparisons with a verdict in words',
    params: one,
    query: z.object({ ...asked, margin: z.coerce.number().positive().nullish(), primary: z.string().nullish() }),
    output: evaluationReport,
  }),
  'reports.set': endpoint({
    method: 'PATCH',
    path: '/evaluations/{id}/settings',
    permission: 'write',
    tag,
    summary: 'Choose the primary evaluator, the smallest difference worth having and hard rules, before the data',
    params: one,
    body: reportSettingsRequest,
    output: reportSettings,
  }),
  'reports.cases': endpoint({
    method: 'GET',
    path: '/evaluations/{id}/report/cases',
    permission: 'read',
    tag,
    summary: 'Case by case what the runs answered and how it was judged, filtered to what changed',
    params: one,
    query: z.object({
      ...asked,
      /** A version of an evaluator; default the primary. */
      evaluator: z.string().nullish(),
      flipped: z.enum(['better', 'worse', 'any']).nullish(),
      failed: flag.nullish(),
      missing: flag.nullish(),
      flaky: flag.nullish(),
      search: z.string().max(1000).nullish(),
      /** `FIELD=VALUE`, as slices name them; repeated: all of them. */
      slice: many.nullish(),
      /** One case, by its datapoint. */
      datapoint_id: many.nullish(),
      sort: z.enum(['position', 'difference', '-difference', 'cost', '-cost', 'latency', '-latency']).default('position'),
      page: pageNumber.default(1),
      size: z.coerce.number().int().min(1).max(100).default(25),
    }),
    output: reportCases,
  }),
  'reports.slices': endpoint({
    method: 'GET',
    path: '/evaluations/{id}/report/slices',
    permission: 'read',
    tag,
    summary: 'Two runs compared within groups of cases, and what the cases that changed have in common',
    params: one,
    query: z.object({
      baseline: z.string().nullish(),
      run_id: z.string().nullish(),
      evaluator: z.string().nullish(),
      by: z.enum(sliceKinds).default('input_length'),
      /** Name of the input variable or tag, where there are several. */
      field: z.string().nullish(),
    }),
    output: reportSlices,
  }),
  'reports.pairs': endpoint({
    method: 'GET',
    path: '/evaluations/{id}/report/pairs',
    permission: 'read',
    tag,
    summary: 'Every run against every other, and quality against cost and latency',
    params: one,
    query: z.object({ run_id: many.nullish(), evaluator: z.string().nullish() }),
    output: reportPairs,
  }),
  'reports.export': endpoint({
    method: 'GET',
    path: '/evaluations/{id}/report/export',
    permission: 'read',
    tag,
    summary: 'Export a report with every case and judgment',
    params: one,
    query: z.object({
      ...asked,
      margin: z.coerce.number().positive().nullish(),
      primary: z.string().nullish(),
      format: z.enum(reportFormats).default('csv'),
    }),
    output: z.string(),
    stream: true,
  }),
} as const;
