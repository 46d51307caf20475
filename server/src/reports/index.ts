import type {
  EvaluationReport,
  ReportCases,
  ReportFormat,
  ReportPairs,
  ReportSettings,
  ReportSlices,
  Scope,
  SliceKind,
} from '@whetstone/contract';
import type { ReportAsked } from '@whetstone/domain';
import type { Files } from '../files/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Carry } from './carry.ts';

export type { CarriedSettings } from './carry.ts';
export { createReports } from './create-reports.ts';

/** What an evaluation found: runs side by side, with no more claimed of them than the sample supports. Numbers are `domain`'s. */
export interface Reports {
  /** @throws AppError 404 for an evaluation, a run or an evaluator that is not there */
  report(scope: Scope, evaluationId: string, asked?: ReportAsked): Promise<EvaluationReport>;
  /** Undefined leaves, null goes back to the default. */
  settings(scope: Scope, evaluationId: string, change: SettingsChange): Promise<ReportSettings>;
  cases(scope: Scope, evaluationId: string, query: CasesQuery): Promise<ReportCases>;
  slices(scope: Scope, evaluationId: string, query: SlicesQuery): Promise<ReportSlices>;
  pairs(scope: Scope, evaluationId: string, query: { runIds?: readonly string[] | null; evaluator?: string | null }): Promise<ReportPairs>;
  /** The text in pieces, so that a large report is never whole in memory. */
  export(scope: Scope, evaluationId: string, query: ReportAsked & { format: ReportFormat }, signal: AbortSignal): AsyncIterable<string>;
  /** What the room keeps, for an export and for the import of one. */
  carry: Carry;
}

export interface ReportsDeps {
  storage: Pick<Storage, 'database'>;
  files: Pick<Files, 'versionsById' | 'datasets'>;
  logs: Pick<Logs, 'runs' | 'find' | 'judgmentsOf'>;
  clock: () => Date;
}

export interface SettingsChange {
  primary?: string | null | undefined;
  margin?: number | null | undefined;
  hardRules?:
    | readonly { evaluator_version_id: string; at_least?: number | null | undefined; at_most?: number | null | undefined }[]
    | null
    | undefined;
}

export interface CasesQuery extends Pick<ReportAsked, 'baseline' | 'runIds'> {
  evaluator?: string | null | undefined;
  flipped?: 'better' | 'worse' | 'any' | null | undefined;
  failed?: boolean | null | undefined;
  missing?: boolean | null | undefined;
  flaky?: boolean | null | undefined;
  search?: string | null | undefined;
  /** `FIELD=VALUE`; all of them. */
  slices?: readonly string[] | null | undefined;
  datapointIds?: readonly string[] | null | undefined;
  sort: 'position' | 'difference' | '-difference' | 'cost' | '-cost' | 'latency' | '-latency';
  page: number;
  size: number;
}
export interface SlicesQuery {
  baseline?: string | null | undefined;
  runId?: string | null | undefined;
  evaluator?: string | null | undefined;
  by: SliceKind;
  field?: string | null | undefined;
}
