import type { ExperimentResponse, EvaluatorResponse } from '@whetstone/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { query } from '../../../api/query.ts';
import { typedUnit, unitOfMetric } from '../../../parts/experiment/metric.ts';
import { environmentsQuery, isVersioned, versionsQuery } from '../../../parts/file-query.ts';
import { shortHash } from '../../../parts/version.tsx';
import { type Choices, choicesOf, control, metricOf, requestOf, rounded, typed, usualGuards, usualVersions, weightsOf } from './form.ts';

export interface From {
  file?: string | undefined;
  version?: string | undefined;
  environment?: string | undefined;
}

/** What there is to choose from, for the file that is chosen. */
function useOffers(choices: Choices, from: From) {
  const tree = useQuery(query('files.tree'));
  const subjects = (tree.data?.files ?? [])
    .filter((one) => one.type === 'prompt' || one.type === 'agent')
    .toSorted((a, b) => a.path.localeCompare(b.path));
  const fileId = choices.fileId ?? from.file ?? (subjects.length === 1 ? subjects[0]?.id : undefined);
  const file = subjects.find((one) => one.id === fileId) ?? null;
  const kind = file !== null && isVersioned(file.type) ? file.type : 'prompt';
  const versions = useQuery({ ...versionsQuery(kind, file?.id ?? ''), enabled: file !== null });
  const environments = useQuery({ ...environmentsQuery(kind, file?.id ?? ''), enabled: file !== null });
  const list = environments.data ?? [];
  const environment =
    list.find((one) => one.name === (choices.environment ?? from.environment)) ??
    list.find((one) => one.file !== null && one.tag === 'default') ??
    list.find((one) => one.file !== null) ??
    list[0] ??
    null;
  const evaluators = useQuery(query('evaluators.list', { query: { size: 100, sort_by: 'name', order: 'asc' } }));
  const running = useQuery({
    ...query('experiments.list', { query: { file_id: file?.id ?? '', state: 'running' } }),
    enabled: file !== null,
  });
  return { tree, subjects, file, kind, versions, environments, environment, evaluators, running };
}

/** What the form knows: what there is to choose from, what is chosen, and what still stands in the way of a start. */
export function useNewExperiment(from: From, draft: ExperimentResponse | undefined) {
  const [choices, setChoices] = useState<Choices>(() => (draft === undefined ? {} : choicesOf(draft)));
  const offers = useOffers(choices, from);
  const { file, versions, environment } = offers;
  const versionList = versions.data ?? [];
  const deployed = environment?.file ?? null;
  const evaluators: EvaluatorResponse[] = offers.evaluators.data?.records ?? [];
  const chosen = (choices.versions ?? usualVersions(versionList, deployed?.version_id ?? null, from.version)).filter(
    (id) => id !== deployed?.version_id && versionList.some((one) => one.version_id === id),
  );
  const names = new Map(versionList.map((one) => [one.version_id, one.version_name ?? shortHash(one.content_hash)]));
  const metric = metricOf(choices, evaluators);
  const unit = metric === null ? '' : unitOfMetric(metric);
  const traffic = typed(choices.traffic ?? '100');
  const windowHours = typed(choices.windowHours ?? '24');
  const planBody = {
    file_id: file?.id ?? '',
    environment: environment?.name,
    arms: Math.max(2, chosen.length + 1),
    traffic: traffic !== null && traffic > 0 && traffic <= 100 ? traffic / 100 : 1,
    window_hours: windowHours !== null && windowHours > 0 ? windowHours : 24,
  };
  const ready = file !== null && environment !== null && metric !== null;
  // What is usual now says what a difference worth having may be: a tenth of it, where it is no share.
  const first = useQuery({
    ...query('experiments.plan', { body: { ...planBody, metric: metric ?? { value: 'cost' }, smallest_difference: 1 } }),
    enabled: ready && unit !== '%',
    retry: false,
  });
  const baseline = first.data?.baseline.estimate ?? null;
  const usualSmallest =
    unit === '%' ? '5' : baseline === null || baseline === 0 ? '' : rounded(Math.abs(baseline) / 10 / typedUnit(unit).per);
  const smallest = choices.smallest ?? usualSmallest;
  const size = typed(smallest);
  const plan = useQuery({
    ...query('experiments.plan', {
      body: { ...planBody, metric: metric ?? { value: 'cost' }, smallest_difference: (size ?? 1) * typedUnit(unit).per },
    }),
    enabled: ready && size !== null && size > 0,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const usualName = chosen.length === 0 ? 'Experiment' : `${chosen.map((id) => names.get(id)).join(', ')} against what runs`;
  const request = requestOf(choices, {
    fileId: file?.id ?? null,
    environment: environment?.name ?? null,
    versions: chosen,
    names,
    metric,
    smallest,
    usualName,
  });
  return {
    ...offers,
    set: (change: Partial<Choices>) => setChoices((now) => ({ ...now, ...change })),
    choices,
    versionList,
    deployed,
    deployedVersion: versionList.find((one) => one.version_id === deployed?.version_id) ?? null,
    chosen,
    names,
    weights: weightsOf(choices.weights, [control, ...chosen]),
    evaluators,
    metric,
    unit,
    smallest,
    guards: choices.guards ?? usualGuards.slice(0, 1),
    plan,
    usualName,
    body: 'body' in request ? request.body : null,
    problem: 'problem' in request ? request.problem : null,
    occupied: offers.running.data?.records.find((one) => one.environment.id === environment?.id) ?? null,
  };
}
export type NewExperiment = ReturnType<typeof useNewExperiment>;
