import type { Scope } from '@whetstone/contract';
import type { Files } from '../files/index.ts';
import type { Logs } from '../logs/index.ts';
import { openZip } from './archive.ts';
import { importHumanloop } from './humanloop/import.ts';
import type { ImportReport } from './report.ts';

export type { ImportReport, Problem } from './report.ts';

/** What comes from elsewhere, and what leaves. */
export interface Exchange {
  /**
   * Carries the export directory of Humanloop's own tool, packed as a ZIP file, into the workspace. Ids live on, and what is
   * there already stays as it is, so that it may be done again. What cannot be carried is told; only a store that is away
   * ends it. A dry run reads everything and changes nothing.
   * @throws AppError 422 for what is no export
   */
  importHumanloop(scope: Scope, zipPath: string, options: ImportOptions): Promise<ImportReport>;
}
export interface ImportOptions {
  dryRun: boolean;
  onProgress: (progress: Progress) => void;
  signal: AbortSignal;
}
export interface Progress {
  step: 'reading' | 'files' | 'logs';
  done: number;
  /** Null while nobody knows. */
  total: number | null;
}

export interface ExchangeDeps {
  files: Pick<Files, 'upsert' | 'find' | 'deploy' | 'environments' | 'datasets'>;
  logs: Pick<Logs, 'recordMany' | 'judge'>;
}

export function createExchange(deps: ExchangeDeps): Exchange {
  return {
    async importHumanloop(scope, zipPath, options) {
      const archive = await openZip(zipPath);
      try {
        return await importHumanloop(deps, scope, archive, options);
      } finally {
        archive.close();
      }
    },
  };
}
