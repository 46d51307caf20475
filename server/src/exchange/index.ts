import { AppError, type ImportSource, type Scope } from '@whetstone/contract';
import type { Files } from '../files/index.ts';
import type { Logs } from '../logs/index.ts';
import { openZip } from './archive.ts';
import { importers } from './importers.ts';
import type { ImportReport } from './report.ts';

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
}
export interface ImportOptions {
  dryRun: boolean;
  /** Directory of the workspace for what arrives without a path of its own; null: its root. */
  to: string | null;
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
    async import(scope, source, zipPath, options) {
      const importer = importers[source];
      if (importer === undefined) throw new AppError('invalid_input', `Nothing reads exports of ${source} yet.`);
      const archive = await openZip(zipPath);
      try {
        return await importer(deps, scope, archive, options);
      } finally {
        archive.close();
      }
    },
  };
}
