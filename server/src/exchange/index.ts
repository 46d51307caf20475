import type { ImportSource, Scope } from '@whetstone/contract';
import type { Evaluations } from '../evaluations/index.ts';
import type { Experiments } from '../experiments/index.ts';
import type { Feedback } from '../feedback/index.ts';
import type { Monitors } from '../monitors/index.ts';
import type { Files } from '../files/index.ts';
import type { Gates } from '../gates/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Hooks } from '../hooks/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Otlp } from '../otlp/index.ts';
import type { People } from '../people/index.ts';
import type { Rules } from '../rules/index.ts';
import type { Reports } from '../reports/index.ts';
import type { Reviews } from '../reviews/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Tools } from '../tools/index.ts';
import { openZip } from './archive.ts';
import { exportWorkspace, type Exported } from './export/export.ts';
import { importers } from './importers.ts';
import type { ImportReport } from './report.ts';
import { type ExchangeTables, forgetImported } from './store.ts';

export type { Exported } from './export/export.ts';
export type { ImportReport, Problem } from './report.ts';

/** What comes from elsewhere, and what leaves. */
export interface Exchange {
  /**
   * Carries an export of another product, packed as a ZIP file, into the workspace. What is there already stays as it is, so
   * that it may be done again. What cannot be carried is told; only a store that is away ends it. A dry run reads everything
   * and changes nothing.
   * @throws AppError 422 for what is no export of that product
   */
  import(scope: Scope, source: ImportSource, zipPath: string, options: ImportOptions): Promise<ImportReport>;
  /**
   * The workspace as a ZIP file in the layout of Humanloop's export tool, `whetstone/` beside it, without secrets. The same
   * workspace gives the same bytes. Made while it is read, until the signal ends it.
   */
  export(scope: Scope, signal: AbortSignal): Promise<Exported>;
  deleteWorkspace(workspaceId: string): Promise<void>;
}
export interface ImportOptions {
  dryRun: boolean;
  /** Directory of the workspace for what arrives without a path of its own; null: its root. */
  to: string | null;
  /** What has an id of its own on the whole server gets another one: the same export is in a second workspace. */
  newIds?: boolean;
  onProgress: (progress: Progress) => void;
  signal: AbortSignal;
}
export interface Progress {
  step: 'reading' | 'files' | 'logs' | 'evaluations' | 'settings';
  done: number;
  /** Null while nobody knows. */
  total: number | null;
}

export interface ExchangeDeps {
  storage: Pick<Storage, 'database'>;
  files: Pick<
    Files,
    | 'upsert'
    | 'upsertHidden'
    | 'updateVersion'
    | 'find'
    | 'deploy'
    | 'deployed'
    | 'environments'
    | 'directories'
    | 'datasets'
    | 'carry'
    | 'versionsById'
  >;
  logs: Pick<Logs, 'recordMany' | 'judge' | 'export' | 'judgments' | 'drained' | 'exposures'>;
  evaluations: Pick<Evaluations, 'carry' | 'logs' | 'stats'>;
  monitors: Pick<Monitors, 'carry'>;
  reports: Pick<Reports, 'carry'>;
  reviews: Pick<Reviews, 'carry'>;
  gates: Pick<Gates, 'carry'>;
  rules: Pick<Rules, 'carry'>;
  experiments: Pick<Experiments, 'carry'>;
  feedback: Pick<Feedback, 'carry'>;
  people: Pick<People, 'users' | 'members' | 'keys' | 'credentials' | 'workspaces'>;
  gateway: Pick<Gateway, 'routes' | 'limits' | 'prices'>;
  hooks: Pick<Hooks, 'list' | 'create'>;
  otlp: Pick<Otlp, 'rules' | 'setRules'>;
  tools: Pick<Tools, 'variables'>;
}

export function createExchange(deps: ExchangeDeps): Exchange {
  return {
    async import(scope, source, zipPath, options) {
      const archive = await openZip(zipPath);
      try {
        const report = await importers[source](deps, scope, archive, options);
        return { ...report, problems: [...archive.leftOut, ...report.problems] };
      } finally {
        archive.close();
      }
    },
    export: (scope, signal) => exportWorkspace(deps, scope, signal),
    deleteWorkspace: (workspaceId) => forgetImported(deps.storage.database<ExchangeTables>(), workspaceId),
  };
}
