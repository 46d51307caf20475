import type { ImportSource, Scope } from '@whetstone/contract';
import type { Archive } from './archive.ts';
import { importHumanloop } from './humanloop/import.ts';
import type { ExchangeDeps, ImportOptions } from './index.ts';
import type { ImportReport } from './report.ts';

export type Importer = (deps: ExchangeDeps, scope: Scope, archive: Archive, options: ImportOptions) => Promise<ImportReport>;

/** Who reads what. A format is a row. */
export const importers: Partial<Record<ImportSource, Importer>> = { humanloop: importHumanloop };
