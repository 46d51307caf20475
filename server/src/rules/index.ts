import type { Datapoint, Scope } from '@whetstone/contract';
import type { Logger } from 'pino';
import type { Curation } from '../curation/index.ts';
import type { Files, Snapshot } from '../files/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Carry } from './carry.ts';
import type { CaseRow, RuleRow } from './tables.ts';

export type { CarriedCase, CarriedRule } from './carry.ts';
export { createRules } from './create-rules.ts';

/** Rules of datasets: which new logs become cases, each log once a rule, looked through by people first or added as they come. */
export interface Rules {
  /** In the order in which they were made. */
  list(scope: Scope, datasetId: string): Promise<Rule[]>;
  create(scope: Scope, datasetId: string, input: NewRule): Promise<Rule>;
  /** @throws AppError 404 */
  update(scope: Scope, datasetId: string, id: string, patch: RulePatch): Promise<Rule>;
  delete(scope: Scope, datasetId: string, id: string): Promise<void>;
  /** What it would have found in the last days. */
  preview(scope: Scope, datasetId: string, which: RuleChoice, signal: AbortSignal): Promise<RulePreview>;
  /** Looks now. */
  run(scope: Scope, datasetId: string, id: string, signal: AbortSignal): Promise<Rule>;
  /** Cases that wait, oldest first. */
  waiting(
    scope: Scope,
    datasetId: string,
    query: { ruleId: string | null; page: number; size: number },
  ): Promise<{ records: Waiting[]; total: number }>;
  decide(scope: Scope, datasetId: string, decision: Decision): Promise<Decided>;
  /** All rules that are on look at what came since they last did. A job, once a minute. */
  sweep(signal: AbortSignal): Promise<void>;
  /** All that the room keeps of a workspace, for an export and for the import of one. */
  carry: Carry;
  deleteWorkspace(workspaceId: string): Promise<void>;
}

export interface RulesDeps {
  storage: Pick<Storage, 'database'>;
  files: Pick<Files, 'datasets' | 'find' | 'get' | 'versions' | 'versionsById'>;
  logs: Pick<Logs, 'monitored'>;
  curation: Pick<Curation, 'casesOf'>;
  /** The filter language of the logs, with names resolved. Handed in by the door, which is above. */
  readFilter(scope: Scope, text: string): Promise<unknown>;
  log: Pick<Logger, 'warn'>;
  clock: () => Date;
  randomBytes: (length: number) => Uint8Array;
}

export interface RuleChoice {
  fileId: string | null;
  filter: string | null;
  rate: number;
  target: RuleRow['target'];
  /** Id or path of the evaluator whose judgments are the corrections. */
  correction: string | null;
  targetKey: string;
  tags: string[];
  split: string | null;
}
export interface NewRule extends RuleChoice {
  name: string;
  mostADay: number;
  mode: RuleRow['mode'];
  batch: number;
  state: RuleRow['state'];
  since: Date | null;
}
/** Null unsets, undefined leaves. */
export type RulePatch = { [Key in keyof Omit<NewRule, 'since'>]?: NewRule[Key] | undefined };

export interface Rule {
  row: RuleRow;
  file: Snapshot | null;
  counts: { waiting: number; added: number; dismissed: number; duplicate: number; today: number };
}
export interface RulePreview {
  logs: number;
  lookedAt: number;
  cases: number;
  alreadyThere: number;
  examples: { logId: string; datapoint: Datapoint }[];
  skipped: { reason: string; count: number }[];
}
export interface Waiting {
  row: CaseRow;
  rule: string;
  datapoint: Datapoint;
}
export interface Decision {
  accept: readonly { id: string; datapoint: Datapoint | null }[];
  dismiss: readonly string[];
  versionName: string | null;
  versionDescription: string | null;
}
export interface Decided {
  snapshot: Snapshot<'dataset'>;
  createdVersion: boolean;
  added: number;
  alreadyThere: number;
  dismissed: number;
  gone: number;
}
