import { WhetstoneError } from '../../client/errors.ts';
import { CannotMeasure } from '../plan.ts';
import type { Baseline } from '../settings.ts';
import type { Connection } from './connect.ts';

/** Which run to compare with: one that is there, or one that the server is to make of a version. */
export type FoundBaseline = { runId: string; label: string } | { versionId: string; label: string } | { none: string };

export interface Candidate {
  evaluationId: string;
  kind: 'prompts' | 'agents' | 'tools' | 'flows';
  fileId: string;
  path: string;
  versionId: string;
  datasetVersionId: string;
  repetitions: number;
  orchestrated: boolean;
}

export async function findBaseline(connection: Connection, wanted: Baseline, candidate: Candidate): Promise<FoundBaseline> {
  switch (wanted.kind) {
    case 'run':
      return ofRun(connection, wanted.name, candidate);
    case 'git':
      return ofBranch(connection, wanted.name, candidate);
    case 'environment': {
      const versionId = await deployedIn(connection, wanted.name, candidate);
      if (versionId === null)
        return { none: `Nothing of ${candidate.path} is deployed to ${wanted.name}, so there is nothing to compare with.` };
      return ofVersion(connection, versionId, `${candidate.path}@${wanted.name}`, candidate);
    }
    case 'version':
      return ofVersion(connection, wanted.name, wanted.name, candidate);
    case 'file':
      return { none: '' };
  }
}

async function ofRun({ api }: Connection, runId: string, { evaluationId }: Candidate): Promise<FoundBaseline> {
  const { runs } = await api.evaluations.listRunsForEvaluation({ id: evaluationId });
  if (!runs.some(({ id }) => id === runId)) {
    try {
      await api.evaluations.addExistingRun({ id: evaluationId, run_id: runId });
    } catch (error) {
      if (error instanceof WhetstoneError && error.status === 404) throw new CannotMeasure(`There is no run \`${runId}\`.`);
      throw error;
    }
  }
  return { runId, label: runId };
}

async function ofBranch({ api }: Connection, branch: string, { evaluationId }: Candidate): Promise<FoundBaseline> {
  const { results } = await api.results.list({ id: evaluationId, branch });
  const [newest] = results;
  if (newest === undefined)
    return {
      none: `No result is kept for the branch ${branch} yet, so there is nothing to compare with. It is kept when this evaluation runs there.`,
    };
  return { runId: newest.run_id, label: newest.commit === null ? branch : `${branch} (${newest.commit.slice(0, 8)})` };
}

export async function deployedIn(
  { api }: Connection,
  environment: string,
  { kind, fileId }: Pick<Candidate, 'kind' | 'fileId'>,
): Promise<string | null> {
  const places = (await (api[kind].listEnvironments as (input: { id: string }) => Promise<unknown>)({ id: fileId })) as {
    name: string;
    file: { version_id: string } | null;
  }[];
  const place = places.find(({ name }) => name === environment);
  if (place === undefined)
    throw new CannotMeasure(`There is no environment \`${environment}\`: there are ${places.map(({ name }) => name).join(', ')}.`);
  return place.file?.version_id ?? null;
}

/** A finished run of the version over the same cases stands for it; else the server makes one. */
async function ofVersion({ api }: Connection, versionId: string, label: string, candidate: Candidate): Promise<FoundBaseline> {
  if (versionId === candidate.versionId) return { none: `${label} is the version that runs here: there is nothing to compare.` };
  const { runs } = await api.evaluations.listRunsForEvaluation({ id: candidate.evaluationId });
  const stands = runs.find(
    ({ version, dataset, status }) =>
      version?.version_id === versionId &&
      dataset?.version_id === candidate.datasetVersionId &&
      (status === 'completed' || status === 'running'),
  );
  if (stands !== undefined && candidate.repetitions === 1) return { runId: stands.id, label };
  if (!candidate.orchestrated)
    throw new CannotMeasure(
      `No run of \`${versionId}\` over these cases is there, and the server cannot make one: the task is code of your own. Compare with git:BRANCH, run:ID or file:RESULTS.json.`,
    );
  return { versionId, label };
}
