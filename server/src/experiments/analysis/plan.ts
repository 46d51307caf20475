import type { Body, Endpoints, ExperimentPlan, MetricSpec, Scope } from '@whetstone/contract';
import { AppError } from '@whetstone/contract';
import { parseMetric, presentEstimate, valueOfUnit } from '@whetstone/domain';
import { estimateOf, planMeans, planProportions, planSequential, proportion, roughly, skewedT } from '@whetstone/statistics';
import type { Room } from '../context.ts';
import { askedOf, readSpec, type Watched } from './watched.ts';
import { formatOf } from './words.ts';

const dayMs = 86_400_000;
const lookBackDays = 28;
/** Where nothing is known. */
const usualUnits = 5_000;

interface Sizes {
  sequential: number | null;
  fixed: number | null;
}

/** Units of all arms for a difference of `delta`, by what the metric was before. Several arms share the errors allowed. */
function sizesOf(values: readonly number[], yesNo: boolean, aim: { arms: number; delta: number; power: number; up: boolean }): Sizes {
  const { arms, delta, power, up } = aim;
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  const spread = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const alpha = 0.05 / (arms - 1);
  const other = Math.min(1, Math.max(0, mean + (up ? delta : -delta)));
  const variance = yesNo ? mean * (1 - mean) : spread;
  const otherVariance = yesNo ? other * (1 - other) : spread;
  if (values.length < 2 || variance + otherVariance === 0) return { sequential: null, fixed: null };
  const pair = planSequential({ varA: variance, varB: otherVariance, delta, alpha, power }).users;
  const apart = yesNo && other !== mean;
  const each = apart
    ? planProportions({ p1: mean, p2: other, alpha, power }).n1
    : planMeans({ varA: variance, varB: otherVariance, delta, alpha, power }).each;
  return { sequential: Math.ceil((pair * arms) / 2), fixed: each * arms };
}

/** What units of a file did lately, by the metric. */
async function before(
  room: Room,
  scope: Scope,
  spec: MetricSpec,
  at: { fileId: string; environmentId: string; until: Date },
): Promise<{ values: number[]; unitCount: number; logs: number; withoutUnit: number; days: number; missing: number }> {
  const read = readSpec(spec);
  const evaluators = await Promise.all(
    read.evaluators.map(async (path) => ({ path, id: (await room.files.find(scope, 'evaluator', { path }))?.file.id ?? null })),
  );
  const metric = { ...read, spec };
  const { asked, placeOf } = askedOf([metric], evaluators);
  const since = new Date(at.until.getTime() - lookBackDays * dayMs);
  const found = await room.logs.experimented.baseline(scope, at, asked, { from: since, to: at.until });
  const all = found.units.map((terms) => valueOfUnit(read.formula, spec, (key) => terms[placeOf(metric, key)] ?? null));
  const values = all.filter((value) => value !== null);
  const days = found.firstAt === null ? 0 : Math.max(1 / 24, (at.until.getTime() - found.firstAt.getTime()) / dayMs);
  return { ...found, values, days, missing: all.length - values.length };
}

/** The planned number of units of an experiment, from before its start; what the person said, where one did. */
export async function planUnits(
  room: Room,
  scope: Scope,
  { row, primary }: Watched,
): Promise<{ nStar: number; fixedUnits: number | null }> {
  const until = row.started_at ?? room.clock();
  const past = await before(room, scope, primary.spec, { fileId: row.file_id, environmentId: row.environment_id, until });
  const aim = { arms: row.arms.length, delta: row.smallest_difference, power: 0.8, up: primary.higherIsBetter };
  const sizes = sizesOf(past.values, primary.yesNo, aim);
  const planned = row.mode === 'fixed' ? sizes.fixed : sizes.sequential;
  return { nStar: row.planned_units ?? Math.max(100, planned ?? usualUnits), fixedUnits: sizes.fixed };
}

export async function planOf(room: Room, scope: Scope, request: Body<Endpoints['experiments.plan']>): Promise<ExperimentPlan> {
  const { metric: spec, smallest_difference: delta, power, traffic, arms, window_hours: windowHours } = request;
  const parsed = parseMetric(spec.value);
  if (!parsed.ok)
    throw new AppError('invalid_input', `The metric cannot be read at character ${parsed.error.position + 1}: ${parsed.error.message}`, {
      data: { position: parsed.error.position },
    });
  const file = await room.files.get(scope, null, { id: request.file_id });
  const environments = await room.files.environments.list(scope);
  const environment = environments.find(({ name, isDefault }) => (request.environment == null ? isDefault : name === request.environment));
  if (environment === undefined)
    throw new AppError(
      'not_found',
      `There is no environment \`${request.environment}\`: there are ${environments.map(({ name }) => `\`${name}\``).join(', ')}.`,
    );
  const past = await before(room, scope, spec, { fileId: file.file.id, environmentId: environment.id, until: room.clock() });
  const { yesNo, unit, range, higherIsBetter, evaluators } = readSpec(spec);
  const sizes = sizesOf(past.values, yesNo, { arms, delta, power, up: higherIsBetter });
  const perDay = past.unitCount === 0 ? null : past.unitCount / past.days;
  const daysFor = (units: number | null): number | null =>
    units === null || perDay === null ? null : units / (perDay * traffic) + windowHours / 24;
  const n = past.values.length;
  const baseline =
    n === 0
      ? estimateOf({ level: 0.95, n, method: 'none', reason: 'no_data' })
      : yesNo
        ? proportion(past.values.filter((value) => value === 1).length, n)
        : skewedT(past.values, 0.95, range !== null);
  const warnings = warningsOf(past, { evaluators, skewed: baseline.reason === 'too_skewed', capped: spec.cap != null });
  const mean = baseline.estimate;
  if (yesNo && mean !== null && (higherIsBetter ? mean + delta > 1 : mean - delta < 0))
    warnings.push(
      `From ${formatOf({ unit }).value(mean)} a change of ${formatOf({ unit }).difference(delta)} for the better is not possible.`,
    );
  const sequential = { units: sizes.sequential, days: daysFor(sizes.sequential) };
  const fixed = { units: sizes.fixed, days: daysFor(sizes.fixed) };
  return {
    baseline: presentEstimate(baseline),
    unit,
    units_per_day: perDay === null ? null : perDay * traffic,
    without_unit: past.logs === 0 ? null : past.withoutUnit / past.logs,
    sequential,
    fixed,
    words: wordsOf({ sequential, fixed, difference: formatOf({ unit }).difference(delta), power }),
    warnings,
  };
}

function warningsOf(
  { logs, withoutUnit, unitCount, values, missing }: Awaited<ReturnType<typeof before>>,
  { evaluators, skewed, capped }: { evaluators: readonly string[]; skewed: boolean; capped: boolean },
): string[] {
  const warnings: string[] = [];
  if (logs === 0)
    warnings.push('There are no logs of this file in this environment in the last 28 days, so nothing is known to plan from.');
  if (logs > 0 && unitCount === 0)
    warnings.push(
      'No log of the last 28 days names a user: send the user or session as `x-whetstone-unit` (or the body’s `user`), or nobody can take part.',
    );
  else if (logs > 0 && withoutUnit / logs > 0.05)
    warnings.push(`${Math.round((100 * withoutUnit) / logs)} % of logs name no user: those calls get control and are not counted.`);
  if (unitCount > 0 && values.length === 0)
    warnings.push(
      `No user had a value of the metric in the last 28 days${evaluators.length === 0 ? '' : `: nothing was said by ${evaluators.map((path) => `\`${path}\``).join(', ')}`}.`,
    );
  else if (missing > 0)
    warnings.push(
      `${missing.toLocaleString('en')} of ${(missing + values.length).toLocaleString('en')} users had no value and would be left out.`,
    );
  if (values.length > 1 && values.every((value) => value === values[0]))
    warnings.push('All users had the same value, so that a size cannot be planned from them.');
  if (skewed)
    warnings.push(
      capped
        ? 'Even with the cap a few users decide the mean: lower it.'
        : 'A few users decide the mean: set a cap, beyond which values count as it, or no answer may be possible.',
    );
  return warnings;
}

function wordsOf({
  sequential,
  fixed,
  difference,
  power,
}: Pick<ExperimentPlan, 'sequential' | 'fixed'> & { difference: string; power: number }): string {
  if (sequential.units === null) return 'Nothing is known to plan from: how long it takes will be seen once it runs.';
  const count = (value: number): string => roughly(value).toLocaleString('en');
  const days = (value: number | null): string => (value === null ? '' : `, ${value < 1.5 ? 'a day or so' : `${count(value)} days`}`);
  const once = fixed.units === null ? '' : ` With one look at the end: ${count(fixed.units)} users${days(fixed.days)}.`;
  return `To see a difference of ${difference} in ${Math.round(100 * power)} of 100 such experiments, looking at any time: about ${count(sequential.units)} users${days(sequential.days)}.${once}`;
}
