import type { EvaluatorResponse, ExperimentRequest, ExperimentResponse, GuardSpec, MetricSpec } from '@whetstone/contract';
import { isYesOrNo, parseMetric } from '@whetstone/domain';
import type { VersionedFile } from '../../../parts/file-query.ts';
import { choiceOf, metricChoices, metricProblem, typedUnit, unitOfMetric } from '../../../parts/experiment/metric.ts';

/** The form of an experiment, without the page: what was chosen by hand, what follows from it, and what is asked of the server. */

export const control = 'control';
export const ownFormula = 'formula';
export const byEvaluator = 'evaluator';

export interface Guard {
  value: string;
  /** Times control's rate for yes-or-no metrics, else a difference as typed. */
  bound: string;
}
export interface Choices {
  fileId?: string | undefined;
  environment?: string | undefined;
  /** Versions besides control, in order. */
  versions?: string[] | undefined;
  /** In percent, by version id and `control`; absent: equal. */
  weights?: Record<string, string> | undefined;
  traffic?: string | undefined;
  /** Id of a usual metric, `evaluator` or `formula`. */
  metric?: string | undefined;
  evaluatorId?: string | undefined;
  formula?: string | undefined;
  direction?: MetricSpec['direction'] | undefined;
  perUnit?: MetricSpec['per_unit'] | undefined;
  missing?: MetricSpec['missing'] | undefined;
  secondary?: string[] | undefined;
  guards?: Guard[] | undefined;
  smallest?: string | undefined;
  windowHours?: string | undefined;
  mode?: ExperimentRequest['mode'] | undefined;
  name?: string | undefined;
  hypothesis?: string | undefined;
}

/** A number that a person typed: null when nothing was, NaN when it is none. */
export function typed(text: string | undefined): number | null {
  const bare = (text ?? '').trim().replace(/^\$/, '').replace(',', '.');
  return bare === '' ? null : Number(bare);
}

/** The metric that an evaluator's judgments make; null when they have no better and worse. */
export function metricOfEvaluator({ path, spec }: Pick<EvaluatorResponse, 'path' | 'spec'>): MetricSpec | null {
  const term = `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
  const base = { name: path, missing: 'drop', per_unit: 'mean', direction: 'up' } as const;
  if (spec.return_type === 'number') return { ...base, value: term };
  if (spec.return_type === 'boolean') return { ...base, value: `${term}:true` };
  const good = (spec.options ?? []).filter((option) => option.valence === 'positive').map((option) => option.name);
  const bad = (spec.options ?? []).filter((option) => option.valence === 'negative').map((option) => option.name);
  const sum = (names: string[]) => names.map((name) => `${term}:${JSON.stringify(name)}`).join(' + ');
  if (good.length > 0) return { ...base, value: good.length === 1 ? sum(good) : `min(1, ${sum(good)})` };
  return bad.length > 0 ? { ...base, direction: 'down', value: bad.length === 1 ? sum(bad) : `min(1, ${sum(bad)})` } : null;
}

/** The metric as chosen; null while something of it is missing. */
export function metricOf(choices: Choices, evaluators: readonly EvaluatorResponse[]): MetricSpec | null {
  const id = choices.metric ?? metricChoices[0]!.id;
  const usual = metricChoices.find((one) => one.id === id);
  const evaluator = evaluators.find((one) => one.id === choices.evaluatorId);
  const base: MetricSpec | null =
    usual !== undefined
      ? { value: usual.value, per_unit: usual.per_unit, direction: usual.direction, missing: usual.missing }
      : id === byEvaluator
        ? evaluator === undefined
          ? null
          : metricOfEvaluator(evaluator)
        : { value: (choices.formula ?? '').trim(), per_unit: 'any', direction: 'up', missing: 'zero' };
  if (base === null || base.value === '' || metricProblem(base.value) !== null) return null;
  return {
    ...base,
    per_unit: choices.perUnit ?? base.per_unit,
    direction: choices.direction ?? base.direction,
    missing: choices.missing ?? base.missing,
  };
}

/** What is offered as guards; the first stands there unasked. */
export const usualGuards: readonly Guard[] = [
  { value: 'error', bound: '1' },
  { value: 'vote:bad', bound: '1' },
  { value: 'latency', bound: '1000' },
  { value: 'cost', bound: '0.01' },
];

export function guardMetric(value: string): MetricSpec {
  const usual = metricChoices.find((one) => one.value === value);
  if (usual !== undefined) return { value, per_unit: usual.per_unit, direction: usual.direction, missing: usual.missing };
  return { value, per_unit: 'any', direction: 'down', missing: 'zero' };
}

/** Whether its bound is a ratio of rates: of metrics that each user does or does not. */
export function boundIsRatio(spec: MetricSpec): boolean {
  const parsed = parseMetric(spec.value);
  return parsed.ok && isYesOrNo(parsed, spec);
}

function guardOf({ value, bound }: Guard): GuardSpec | null {
  const number = typed(bound);
  if (metricProblem(value) !== null || number === null || Number.isNaN(number)) return null;
  const metric = guardMetric(value);
  if (boundIsRatio(metric)) return number < 1 || number > 100 ? null : { metric, bound: { ratio: number } };
  return number < 0 ? null : { metric, bound: { difference: number * typedUnit(unitOfMetric(metric)).per } };
}

/** Shares of the arms that sum to exactly 1; null when what was typed does not make 100 %. */
export function weightsOf(weights: Choices['weights'], arms: readonly string[]): number[] | null {
  if (weights === undefined) return arms.map(() => 1 / arms.length);
  const shares = arms.map((arm) => typed(weights[arm]) ?? Number.NaN);
  const sum = shares.reduce((a, b) => a + b, 0);
  if (shares.some((share) => !(share > 0)) || Math.abs(sum - 100) > 0.05) return null;
  return shares.map((share) => share / sum);
}

/** The control and, so that nobody starts with an empty page, the newest version that is not deployed there. */
export function usualVersions(versions: readonly VersionedFile[], deployed: string | null, wanted?: string): string[] {
  const others = versions.filter((one) => one.version_id !== deployed);
  const first = others.find((one) => one.version_id === wanted) ?? others[0];
  return first === undefined ? [] : [first.version_id];
}

/** A value with two significant digits, for suggestions. */
export function rounded(value: number): string {
  return String(Number(value.toPrecision(1)));
}

export interface Facts {
  fileId: string | null;
  environment: string | null;
  versions: readonly string[];
  names: ReadonlyMap<string, string>;
  metric: MetricSpec | null;
  /** As typed, or what stands for it. */
  smallest: string;
  usualName: string;
}

/** What the server is asked for; or the first thing that is in the way. */
export function requestOf(choices: Choices, facts: Facts): { body: ExperimentRequest } | { problem: string } {
  const { fileId, environment, versions, metric } = facts;
  if (fileId === null) return { problem: 'Choose what to experiment with.' };
  if (environment === null) return { problem: 'Choose an environment.' };
  if (versions.length === 0) return { problem: 'Add a version to try against what is deployed.' };
  const weights = weightsOf(choices.weights, [control, ...versions]);
  if (weights === null) return { problem: 'The shares of the arms must add up to 100 %.' };
  if (metric === null) return { problem: 'Choose what decides.' };
  const smallest = typed(facts.smallest);
  if (smallest === null || !(smallest > 0)) return { problem: 'Say which difference would be worth having.' };
  const traffic = typed(choices.traffic ?? '100');
  if (traffic === null || !(traffic > 0 && traffic <= 100)) return { problem: 'Between 0.1 and 100 % of users take part.' };
  const window = typed(choices.windowHours ?? '24');
  if (window === null || !(window > 0)) return { problem: 'Say how long after the first call users are watched.' };
  const guards = (choices.guards ?? usualGuards.slice(0, 1)).map(guardOf);
  if (guards.includes(null)) return { problem: 'A guard’s bound cannot be read.' };
  return {
    body: {
      name: (choices.name ?? '').trim() || facts.usualName,
      hypothesis: (choices.hypothesis ?? '').trim() || null,
      file_id: fileId,
      environment,
      arms: [control, ...versions].map((arm, at) => ({
        ...(arm === control ? {} : { version_id: arm, name: facts.names.get(arm) }),
        weight: weights[at]!,
      })),
      traffic: traffic / 100,
      metric,
      secondary: (choices.secondary ?? []).flatMap((id) => {
        const one = metricChoices.find((choice) => choice.id === id);
        if (one === undefined || one.value === metric.value) return [];
        return [{ value: one.value, per_unit: one.per_unit, direction: one.direction, missing: one.missing }];
      }),
      guards: guards.filter((one) => one !== null),
      smallest_difference: smallest * typedUnit(unitOfMetric(metric)).per,
      mode: choices.mode ?? 'sequential',
      window_hours: window,
      forced: [],
    },
  };
}

/** A draft as choices, to go on with it. */
export function choicesOf(draft: ExperimentResponse): Choices {
  const { metric } = draft;
  const per = (spec: MetricSpec) => typedUnit(unitOfMetric(spec)).per;
  const others = draft.arms.filter((arm) => !arm.control && arm.version !== null);
  const equal = draft.arms.every((arm) => Math.abs(arm.weight - 1 / draft.arms.length) < 1e-6);
  const percent = (share: number) => String(Number((share * 100).toFixed(2)));
  return {
    fileId: draft.file.id,
    environment: draft.environment.name,
    versions: others.map((arm) => arm.version!.id),
    weights: equal
      ? undefined
      : Object.fromEntries(draft.arms.map((arm) => [arm.control ? control : arm.version!.id, percent(arm.weight)])),
    traffic: percent(draft.traffic),
    metric: choiceOf(metric)?.id ?? ownFormula,
    formula: metric.value,
    direction: metric.direction,
    perUnit: metric.per_unit,
    missing: metric.missing,
    secondary: draft.secondary.map((one) => choiceOf(one)?.id).filter((id) => id !== undefined),
    guards: draft.guards.map(({ metric: of, bound }) => ({
      value: of.value,
      bound: 'ratio' in bound ? String(bound.ratio) : String(Number((bound.difference / per(of)).toPrecision(6))),
    })),
    smallest: String(Number((draft.smallest_difference / per(metric)).toPrecision(6))),
    windowHours: String(draft.window_hours),
    mode: draft.mode,
    name: draft.name,
    hypothesis: draft.hypothesis ?? undefined,
  };
}
