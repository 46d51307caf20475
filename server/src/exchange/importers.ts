import { AppError, type ImportSource, type Scope } from '@whetstone/contract';
import type { Archive } from './archive.ts';
import { importerOf } from './formats/carry.ts';
import { importHumanloop } from './humanloop/import.ts';
import type { ExchangeDeps, ImportOptions } from './index.ts';
import { langfuse } from './langfuse/langfuse.ts';
import { openai } from './openai/openai.ts';
import { promptfoo } from './promptfoo/promptfoo.ts';
import type { ImportReport } from './report.ts';

export type Importer = (deps: ExchangeDeps, scope: Scope, archive: Archive, options: ImportOptions) => Promise<ImportReport>;

/** Who reads what. A format of files is a row; Humanloop's export has ids, logs and settings too, and an importer of its own. */
export const importers: Readonly<Record<ImportSource, Importer>> = {
  humanloop: whole(importHumanloop),
  openai: importerOf(openai),
  promptfoo: importerOf(promptfoo),
  langfuse: importerOf(langfuse),
};

/** What names its own paths goes nowhere else. */
function whole(importer: Importer): Importer {
  return async (deps, scope, archive, options) => {
    if (options.to !== null) throw new AppError('invalid_input', 'The files of this export have paths of their own; leave out `to`.');
    return importer(deps, scope, archive, options);
  };
}
