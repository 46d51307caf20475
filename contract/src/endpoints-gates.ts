import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** What an environment demands of a version before it is deployed there, and results that are kept under a branch's name. */

export const gateOutcomes = ['passed', 'refused'] as const;
/** Why a gate refuses, or lets pass. */
export const gateReasons = [
  'kept',
  'cannot_tell',
  'nothing_deployed',
  'regression',
  'rule_broken',
  'not_run',
  'unfinished',
  'too_old',
  'no_baseline',
  'not_measured',
  'evaluation_gone',
] as const;
export type GateReason = (typeof gateReasons)[number];

export const gateRequest = z.strictObject({
  /** Of an evaluation: its id, or its name, for every file that has an evaluation so called. */
  evaluation: z.string().trim().min(1).max(255),
  /** With a name: only this file. */
  file_id: z.string().nullish(),
  /** Refuse what is worse than what is deployed there, where the sample supports it. */
  no_regression: z.boolean().default(true),
  /** Refuse what breaks a hard rule of the evaluation. */
  hard_rules: z.boolean().default(true),
  /** Runs that ended longer ago do not count; null: any age. */
  max_age_days: z.number().positive().max(3650).nullish(),
});

export const gate = z
  .object({
    id: z.string(),
    evaluation: z.string(),
    /** What it is called now; null: no evaluation of that id is there. */
    evaluation_name: z.string().nullable(),
    file_id: z.string().nullable(),
    no_regression: z.boolean(),
    hard_rules: z.boolean(),
    max_age_days: z.number().nullable(),
  })
  .meta({ id: 'Gate' });
export type GateResponse = z.infer<typeof gate>;

export const gateCheck = z
  .object({
    gate_id: z.string(),
    evaluation_id: z.string().nullable(),
    evaluation_name: z.string(),
    outcome: z.enum(gateOutcomes),
    reason: z.enum(gateReasons),
    /** What was found, and what to do about it. */
    sentence: z.string(),
    run_id: z.string().nullable(),
    baseline_run_id: z.string().nullable(),
    /** Its page in the web app. */
    url: z.string().nullable(),
  })
  .meta({ id: 'GateCheck' });
export type GateCheck = z.infer<typeof gateCheck>;

const environment = z.object({ id: z.string() });
const keptResult = z
  .object({
    evaluation_id: z.string(),
    run_id: z.string(),
    branch: z.string(),
    commit: z.string().nullable(),
    url: z.string().nullable(),
    created_at: z.string(),
  })
  .meta({ id: 'KeptResult' });

export const gateEndpoints = {
  'gates.list': endpoint({
    method: 'GET',
    path: '/environments/{id}/gates',
    permission: 'read',
    tag: 'environments',
    summary: 'What an environment demands before a version is deployed there',
    params: environment,
    output: z.object({ gates: z.array(gate) }).meta({ id: 'Gates' }),
  }),
  'gates.set': endpoint({
    method: 'PUT',
    path: '/environments/{id}/gates',
    permission: 'admin',
    tag: 'environments',
    summary: 'Say what an environment demands; replaces what it demanded',
    params: environment,
    body: z.strictObject({ gates: z.array(gateRequest).max(50) }),
    output: z.object({ gates: z.array(gate) }).meta({ id: 'Gates' }),
  }),
  'gates.check': endpoint({
    method: 'GET',
    path: '/environments/{id}/gates/check',
    permission: 'read',
    tag: 'environments',
    summary: 'Whether a version may be deployed to an environment, gate by gate',
    params: environment,
    query: z.object({ version_id: z.string() }),
    output: z
      .object({
        outcome: z.enum(gateOutcomes),
        /** It was deployed there before: going back is always allowed. */
        roll_back: z.boolean(),
        checks: z.array(gateCheck),
      })
      .meta({ id: 'GateChecks' }),
  }),
  'results.keep': endpoint({
    method: 'PUT',
    path: '/evaluations/{id}/results/{run_id}',
    permission: 'write',
    tag: 'evaluations',
    summary: 'Keep a run as the result of a branch, to be compared with later',
    params: z.object({ id: z.string(), run_id: z.string() }),
    body: z.strictObject({ branch: z.string().min(1).max(255), commit: z.string().max(255).nullish(), url: z.url().max(2000).nullish() }),
    output: keptResult,
  }),
  'results.list': endpoint({
    method: 'GET',
    path: '/evaluations/{id}/results',
    permission: 'read',
    tag: 'evaluations',
    summary: 'Runs that were kept as results of a branch, newest first',
    params: z.object({ id: z.string() }),
    query: z.object({ branch: z.string().nullish() }),
    output: z.object({ results: z.array(keptResult) }).meta({ id: 'KeptResults' }),
  }),
} as const;
