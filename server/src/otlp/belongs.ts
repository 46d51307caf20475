import type { Scope } from '@whetstone/contract';
import type { NewLog } from '../logs/index.ts';
import type { OtlpDeps } from './index.ts';
import type { ReadSpan } from './log-of.ts';
import type { Target } from './targets.ts';

/** Attributes by which an application says what it got from us. */
const versionKey = 'whetstone.version_id';
const unitKey = 'whetstone.unit';

/** What an experiment assigned by: as the span says, else its end user. */
export function unitOf({ span }: ReadSpan, user: string | null | undefined): string | null {
  return text(span.attributes.get(unitKey)) ?? user ?? null;
}

/** The version that the application asked us for and then called the model with; null: the span names none. */
export async function namedVersion(files: OtlpDeps['files'], scope: Scope, { span, reading }: ReadSpan): Promise<Target | null> {
  const id = text(span.attributes.get(versionKey));
  if (id === null) return null;
  const found = (await files.versionsById(scope, [id])).get(id);
  // A span that cannot be kept as it says is kept as what it shows; a wrong id is not worth losing it.
  if (found === undefined || found.kind !== reading.kind || found.version.status === 'deleted') return null;
  return { fileId: found.file.id, versionId: found.version.id, contentHash: found.version.contentHash };
}

/** A span's log is one that the application made: it joins its unit's arm where environment, unit and version agree. */
export async function belonging(
  { experiments }: Pick<OtlpDeps, 'experiments'>,
  scope: Scope,
  { fileId, versionId, environmentId, unit, runId }: Pick<NewLog, 'fileId' | 'versionId' | 'environmentId' | 'unit' | 'runId'>,
): Promise<Pick<NewLog, 'experimentId' | 'armId'>> {
  // What an evaluation ran is no traffic.
  if (environmentId == null || runId != null) return {};
  const found = experiments.join(scope, { fileId, versionId, environmentId, unit: unit ?? null });
  return (found instanceof Promise ? await found : found) ?? {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
