import type { DatasetResponse, EvaluatorResponse } from '@whetstone/contract';
import type { OtherModel } from '../../../parts/evaluation/with-model.ts';
import type { VersionedFile } from '../../../parts/file-query.ts';
import { unitOf } from '../../../parts/evaluation/evaluator-facts.ts';

/** What was chosen by hand; the rest follows from what is there. */
export interface Choices {
  fileId?: string | undefined;
  versions?: string[] | undefined;
  /** Versions with another model. */
  others?: OtherModel[] | undefined;
  baseline?: string | undefined;
  datasetId?: string | undefined;
  datasetVersion?: string | undefined;
  evaluators?: string[] | undefined;
  primary?: string | undefined;
  /** In points for pass rates, else as scored. */
  margin?: string | undefined;
  repetitions?: string | undefined;
  cap?: string | undefined;
  cache?: boolean | undefined;
  name?: string | undefined;
}

/** The newest version and what is deployed to the default environment; without that the one before the newest. */
export function usualVersions(versions: readonly VersionedFile[], wanted?: string): string[] {
  const newest = versions[0];
  if (newest === undefined) return [];
  const deployed = deployedOf(versions);
  const first = versions.find((one) => one.version_id === wanted) ?? newest;
  const other = deployed !== undefined && deployed !== first ? deployed : versions.find((one) => one !== first);
  return [first.version_id, ...(other === undefined ? [] : [other.version_id])];
}

/** What stands for "as it is now": what is deployed, else the oldest of those chosen. */
export function usualBaseline(versions: readonly VersionedFile[], chosen: readonly string[]): string | null {
  const deployed = deployedOf(versions);
  if (deployed !== undefined && chosen.includes(deployed.version_id)) return deployed.version_id;
  return versions.findLast((one) => chosen.includes(one.version_id))?.version_id ?? null;
}

function deployedOf(versions: readonly VersionedFile[]): VersionedFile | undefined {
  return versions.find((one) => one.environments.some((environment) => environment.tag === 'default'));
}

/** A number that a person typed: null when nothing was, NaN when it is none. */
export function typed(text: string | undefined): number | null {
  const bare = (text ?? '').trim().replace(/^\$/, '').replace(',', '.');
  return bare === '' ? null : Number(bare);
}

export interface Plan {
  file: { id: string; type: string };
  versions: string[];
  others: OtherModel[];
  baseline: string | null;
  dataset: DatasetResponse;
  evaluators: EvaluatorResponse[];
  primary: EvaluatorResponse | null;
  /** In the unit of the report. */
  margin: number | null;
  repetitions: number;
  capUsd: number | null;
  cache: boolean;
  name: string;
}

/** The margin as the report has it: five points are 0.05. */
export function marginOf(text: string | undefined, primary: EvaluatorResponse | null): number | null {
  const value = typed(text);
  if (value === null || primary === null) return null;
  return unitOf(primary) === 'points' ? value / 100 : value;
}

/** Only these the server runs by itself; flows are the caller's code. */
export function runsOnServer(type: string): boolean {
  return type === 'prompt' || type === 'agent' || type === 'tool';
}
