import type { AgentResponse, DatasetResponse, EvaluatorResponse, FlowResponse, PromptResponse, ToolResponse } from '@whetstone/contract';
import { queryOptions } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import { queryKey } from '../api/query.ts';

/** A file as of one of its versions. */
export type VersionedFile = PromptResponse | ToolResponse | EvaluatorResponse | FlowResponse | AgentResponse | DatasetResponse;
export type VersionedKind = VersionedFile['type'];

const plurals = {
  prompt: 'prompts',
  tool: 'tools',
  evaluator: 'evaluators',
  flow: 'flows',
  agent: 'agents',
  dataset: 'datasets',
} as const;
export function pluralOf(kind: VersionedKind): (typeof plurals)[VersionedKind] {
  return plurals[kind];
}
export function isVersioned(type: string): type is VersionedKind {
  return type in plurals;
}

/** Versions of a file, newest first, drafts left out. */
export function versionsQuery(kind: VersionedKind, id: string) {
  const name = `${plurals[kind]}.list_versions` as const;
  return queryOptions<VersionedFile[]>({
    queryKey: queryKey(name, { id }),
    queryFn: async ({ signal }) => {
      const { records } = await call(name, { params: { id }, signal });
      return (records as VersionedFile[]).filter((version) => version.status === 'committed');
    },
  });
}

/** Every environment with what is deployed there. */
export function environmentsQuery(kind: VersionedKind, id: string) {
  const name = `${plurals[kind]}.list_environments` as const;
  return queryOptions({ queryKey: queryKey(name, { id }), queryFn: ({ signal }) => call(name, { params: { id }, signal }) });
}

export function deploymentsQuery(kind: VersionedKind, id: string) {
  const name = `${plurals[kind]}.list_deployments` as const;
  return queryOptions({
    queryKey: queryKey(name, { id }),
    queryFn: ({ signal }) => call(name, { params: { id }, query: { size: 100 }, signal }),
  });
}

/** What to read anew after a file was changed. */
export function changedBy(kind: VersionedKind) {
  const plural = plurals[kind];
  return [
    'files.tree',
    'files.list_files',
    `${plural}.get`,
    `${plural}.list_versions`,
    `${plural}.list_environments`,
    `${plural}.list_deployments`,
  ] as const;
}
