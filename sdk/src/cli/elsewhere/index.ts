import type { ImportReport, ImportSource } from '@whetstone/contract';
import { langfuse } from './langfuse.ts';

export type Problem = ImportReport['problems'][number];

/** A product whose API is asked for what there is, in place of a directory: each file as its importer reads it. */
export interface Elsewhere {
  /** Keys come from the environment. @throws UsageError when they are missing, WhetstoneError when it does not let us in */
  files(
    url: string,
    environment: Record<string, string | undefined>,
    problem: (problem: Problem) => void,
  ): AsyncGenerator<{ path: string; text: string }>;
}

/** Whom we can ask. */
export const elsewhere: Partial<Record<ImportSource, Elsewhere>> = { langfuse };
