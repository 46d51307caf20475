import type { DatasetResponse, EvaluatorResponse } from '@whetstone/contract';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { query } from '../../../api/query.ts';
import { formatDate } from '../../../kit/format.ts';
import { judgesItself, unitOf } from '../../../parts/evaluation/evaluator-facts.ts';
import { useOtherEstimates } from '../../../parts/evaluation/use-other-estimates.ts';
import { isChosen, sumOfEstimates } from '../../../parts/evaluation/with-model.ts';
import { isVersioned, versionsQuery } from '../../../parts/file-query.ts';
import { type Choices, marginOf, type Plan, runsOnServer, typed, usualBaseline, usualVersions } from './form.ts';

export interface From {
  file?: string | undefined;
  version?: string | undefined;
  dataset?: string | undefined;
  evaluator?: string | undefined;
}

/** What there is to choose from, for the file and the dataset that are chosen. */
function useOffers(choices: Choices, from: From) {
  const tree = useQuery(query('files.tree'));
  const files = (tree.data?.files ?? []).toSorted((a, b) => a.path.localeCompare(b.path));
  const subjects = files.filter((one) => ['prompt', 'agent', 'tool', 'flow'].includes(one.type));
  const fileId = choices.fileId ?? from.file ?? (subjects.length === 1 ? subjects[0]?.id : undefined);
  const file = subjects.find((one) => one.id === fileId) ?? null;
  const kind = file !== null && isVersioned(file.type) ? file.type : 'prompt';
  const versions = useQuery({ ...versionsQuery(kind, file?.id ?? ''), enabled: file !== null });
  const last = useQuery({
    ...query('evaluations.list', { query: { file_id: file?.id ?? '', size: 1 } }),
    enabled: file !== null,
  });
  const before = last.data?.records[0];

  const datasets = files.filter((one) => one.type === 'dataset');
  const datasetId = choices.datasetId ?? from.dataset ?? (datasets.length === 1 ? datasets[0]?.id : undefined);
  const datasetVersions = useQuery({ ...versionsQuery('dataset', datasetId ?? ''), enabled: datasetId !== undefined });
  const datasetList = (datasetVersions.data ?? []) as DatasetResponse[];
  const dataset = datasetList.find((one) => one.version_id === choices.datasetVersion) ?? datasetList[0] ?? null;

  const evaluators = useQuery(query('evaluators.list', { query: { size: 100, sort_by: 'name', order: 'asc' } }));
  // Those that judge by themselves first: they are what an evaluation is mostly made with.
  const judges = (evaluators.data?.records ?? []).toSorted(
    (a, b) => Number(judgesItself(b)) - Number(judgesItself(a)) || a.path.localeCompare(b.path),
  );
  const alone = judges.filter(judgesItself);
  const usual = before?.evaluators.map((one) => one.version.id) ?? (alone.length === 1 ? alone.map((one) => one.id) : []);
  return { tree, subjects, file, versions, datasets, datasetId, datasetVersions, datasetList, dataset, evaluators, judges, usual };
}

/** What the form knows: what there is to choose from, what is chosen, and what still stands in the way of a start. */
export function useNewEvaluation(from: From) {
  const [choices, setChoices] = useState<Choices>({});
  const [now] = useState(() => new Date());
  const offers = useOffers(choices, from);
  const { tree, subjects, file, versions, datasets, datasetId, datasetVersions, datasetList, dataset, evaluators, judges, usual } = offers;
  const judgeIds = choices.evaluators ?? [...new Set([...(from.evaluator === undefined ? [] : [from.evaluator]), ...usual])];
  // The newest version, deployed or not: whoever just saved one wants to know what it says.
  const judgeVersions = useQueries({ queries: judgeIds.map((id) => versionsQuery('evaluator', id)) });
  const chosenJudges = judgeIds
    .map((id, index) => (judgeVersions[index]?.data?.[0] as EvaluatorResponse | undefined) ?? judges.find((one) => one.id === id))
    .filter((one) => one !== undefined);

  const versionList = versions.data ?? [];
  const others = file?.type === 'prompt' ? (choices.others ?? []) : [];
  const chosen = choices.versions ?? usualVersions(versionList, from.version);
  const baseline =
    choices.baseline !== undefined && chosen.includes(choices.baseline) ? choices.baseline : usualBaseline(versionList, chosen);
  const primary = chosenJudges.find((one) => one.id === choices.primary) ?? chosenJudges.find((one) => unitOf(one) !== null) ?? null;
  const marginText = choices.margin ?? (primary !== null && unitOf(primary) === 'points' ? '5' : '');
  const margin = marginOf(marginText, primary);
  const repetitions = typed(choices.repetitions ?? '1') ?? 1;
  const cap = typed(choices.cap);
  const usualName = dataset === null ? '' : `${dataset.name}, ${formatDate(now, now.getTime())} ${clock(now)}`;
  const name = choices.name ?? usualName;

  const problems = {
    repetitions: Number.isInteger(repetitions) && repetitions >= 1 && repetitions <= 100 ? null : 'A whole number from 1 to 100.',
    margin: margin === null || margin > 0 ? null : 'A number above 0, or nothing.',
    cap: cap === null || cap > 0 ? null : 'An amount above 0, or nothing.',
  };
  const fine = Object.values(problems).every((one) => one === null);
  const plan: Plan | null =
    file === null ||
    chosen.length + others.length === 0 ||
    !others.every(isChosen) ||
    dataset === null ||
    dataset.datapoints_count === 0 ||
    chosenJudges.length === 0 ||
    !fine
      ? null
      : {
          file,
          versions: chosen,
          others,
          baseline,
          dataset,
          evaluators: chosenJudges,
          primary,
          margin,
          repetitions,
          capUsd: cap,
          cache: choices.cache ?? false,
          name: name.trim() === '' ? usualName : name.trim(),
        };
  const asked = {
    dataset: { version_id: dataset?.version_id ?? '' },
    evaluators: chosenJudges.map((one) => ({ version_id: one.version_id })),
    repetitions: problems.repetitions === null ? repetitions : 1,
    cache: choices.cache ?? false,
  };
  const estimable = plan !== null && runsOnServer(plan.file.type);
  const own = useQuery({
    ...query('evaluations.estimate_new', { body: { ...asked, versions: chosen.map((id) => ({ version_id: id })) } }),
    enabled: estimable && chosen.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const ofOthers = useOtherEstimates(others, asked, estimable);
  const estimate = {
    data: sumOfEstimates([...(chosen.length > 0 ? [own.data] : []), ...ofOthers.estimates]),
    error: own.error ?? ofOthers.error,
  };
  return {
    set: (change: Partial<Choices>) => setChoices((now) => ({ ...now, ...change })),
    pending: tree.isPending || evaluators.isPending,
    error: tree.error ?? evaluators.error ?? versions.error ?? datasetVersions.error,
    subjects,
    file,
    versions: versionList,
    chosen,
    others,
    baseline,
    datasets,
    datasetId: datasetId ?? null,
    datasetList,
    dataset,
    judges,
    judgeIds,
    chosenJudges,
    primary,
    marginText,
    margin,
    repetitionsText: choices.repetitions ?? '1',
    repetitions,
    capText: choices.cap ?? '',
    cache: choices.cache ?? false,
    name,
    problems,
    plan,
    estimate,
  };
}
export type NewEvaluation = ReturnType<typeof useNewEvaluation>;

function clock(at: Date): string {
  return at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
