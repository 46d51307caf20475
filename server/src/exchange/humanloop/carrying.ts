import { AppError, type Scope } from '@whetstone/contract';
import type { Archive } from '../archive.ts';
import type { ExchangeDeps } from '../index.ts';
import type { Report } from '../report.ts';
import type { Places } from './ground.ts';
import type { ImportedAuthors } from './people.ts';
import type { Ours } from './ours.ts';

/** Where the versions of the export are now: its ids, and for content that was there twice the id that stands for both. */
export type Versions = Map<string, { fileId: string; versionId: string; contentHash: string | null }>;

/** What the steps of an import share. */
export interface Carrying extends ExchangeDeps {
  scope: Scope;
  archive: Archive;
  report: Report;
  signal: AbortSignal;
  now: Date;
  /** What `whetstone/` says, when it is an export of ours. */
  ours: Ours | null;
  authors: ImportedAuthors;
  places: Places;
  /** Grows while files are carried. */
  versions: Versions;
  /** Ids of files here by those in the export. Grows while files are carried. */
  fileIds: Map<string, string>;
  /** Ids of monitors here by those in the export. Grows while monitors are carried. */
  monitorIds: Map<string, string>;
}

/** Why something was refused; what is no refusal, or is a store that is away, is thrown on. */
export function refusalOf(error: unknown): string {
  if (error instanceof AppError && error.code !== 'unavailable') return error.message;
  throw error;
}
