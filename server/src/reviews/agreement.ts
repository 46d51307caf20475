import type { Measured, ReviewAgreement, Scope } from '@whetstone/contract';
import { cohenKappa, fleissKappa, krippendorffAlpha, meanScore, passRate, proportion, seededRandom } from '@whetstone/statistics';
import type { Snapshot } from '../files/index.ts';
import { namesOf, queueOf, type Room } from './context.ts';
import type { Reviews } from './index.ts';
import { categoryOf, measuredOf } from './measured.ts';
import { snapshotsOf } from './reviewing.ts';
import { answersOf } from './store-slots.ts';
import type { QueueRow } from './tables.ts';

/** How far reviewers agree, in figures of `@whetstone/statistics` over what the queue kept. */

type Answers = Awaited<ReturnType<typeof answersOf>>;
type Value = number | string;
/** By item, what each rater said. */
export type ByItem = Map<string, Map<string, Value>>;
type OfEvaluator = ReviewAgreement['evaluators'][number];

/** Resampled up to here; beyond, the jackknife is as good and much cheaper. */
const mostResampled = 400;

export const agreement =
  (room: Room): Reviews['agreement'] =>
  async (scope: Scope, id) => {
    const queue = await queueOf(room, scope, id);
    const [answers, evaluators] = await Promise.all([answersOf(room.db, queue.id), snapshotsOf(room, scope, queue)]);
    const name = await namesOf(
      room,
      answers.map((row) => row.user_id),
    );
    return {
      evaluators: evaluators.map((evaluator) => agreementOf(evaluator, saidOf(queue, answers, evaluator.file.id), name)),
      win_rate: queue.mode === 'pairwise' ? winRate(answers) : null,
    };
  };

export function saidOf(queue: Pick<QueueRow, 'mode'>, answers: Answers, evaluatorId: string): ByItem {
  const byItem: ByItem = new Map();
  for (const { item_id, user_id, swapped, answer } of answers) {
    const said = queue.mode === 'pairwise' ? winnerOf(answer?.choice ?? null, swapped) : given(answer, evaluatorId);
    if (said === null) continue;
    const raters = byItem.get(item_id) ?? new Map<string, Value>();
    raters.set(user_id, said);
    byItem.set(item_id, raters);
  }
  return byItem;
}

function given(answer: Answers[number]['answer'], evaluatorId: string): Value | null {
  const found = answer?.answers.find(({ evaluator_id }) => evaluator_id === evaluatorId);
  return found === undefined ? null : categoryOf(found.judgment);
}

/** The run, wherever its log stood. */
function winnerOf(choice: 'left' | 'right' | 'tie' | null, swapped: boolean): 'first' | 'second' | 'tie' | null {
  if (choice === null || choice === 'tie') return choice;
  return (choice === 'left') === swapped ? 'second' : 'first';
}

export function agreementOf(
  { file, version }: Pick<Snapshot<'evaluator'>, 'file' | 'version'>,
  byItem: ByItem,
  name: (id: string) => string,
): OfEvaluator {
  const spec = version.kernel.spec;
  const numeric = spec.return_type === 'number';
  const counts = new Map<string, number>();
  for (const raters of byItem.values()) for (const rater of raters.keys()) counts.set(rater, (counts.get(rater) ?? 0) + 1);
  const raters = [...counts.keys()].toSorted();
  const items = [...byItem.values()];
  const shared = items.filter(({ size }) => size >= 2);
  const ratings = items.map((said) => raters.map((rater) => said.get(rater) ?? null));
  const resample = shared.length >= 20 && shared.length <= mostResampled;
  const alpha = krippendorffAlpha(ratings, numeric ? 'interval' : 'nominal', resample ? { random: seededRandom(1) } : {});
  const pairs = pairsOf(raters, items, numeric, name);
  const two = raters.length === 2 ? (pairs[0]?.kappa ?? null) : null;
  const result = {
    id: file.id,
    path: file.path,
    return_type: spec.return_type,
    items: items.length,
    shared: shared.length,
    raters: raters.map((rater) => ({ id: rater, name: name(rater), items: counts.get(rater) ?? 0 })),
    agreement: rawAgreement(shared),
    cohen: two,
    fleiss: numeric || raters.length < 3 ? null : fleissOf(shared),
    alpha: honest(measuredOf(alpha)),
    pairs,
  };
  return { ...result, sentence: sentenceOf(result) };
}

/** Share of an item's pairs of judgments that are the same, over items. */
function rawAgreement(shared: readonly ReadonlyMap<string, Value>[]): OfEvaluator['agreement'] {
  if (shared.length === 0) return null;
  const shares = shared.map((said) => {
    const counts = [...Map.groupBy(said.values(), (value) => value).values()].map(({ length }) => length);
    return counts.reduce((sum, count) => sum + count * (count - 1), 0) / (said.size * (said.size - 1));
  });
  const whole = shares.every((share) => share === 0 || share === 1);
  return measuredOf(
    whole
      ? proportion(shares.filter((share) => share === 1).length, shares.length)
      : meanScore(
          shares.map((share) => [share]),
          [0, 1],
        ),
  );
}

/** Who never disagreed may yet: resampling what they said cannot show it, and an interval without width would be false. */
function honest(beyondChance: Measured): Measured {
  if (beyondChance.estimate !== 1) return beyondChance;
  const reason = 'Nobody has disagreed yet; how often they may is told by the interval of raw agreement.';
  return { ...beyondChance, lower: null, upper: null, reason };
}

/** Over items with as many judgments as most have: the method takes no others. */
function fleissOf(shared: readonly ReadonlyMap<string, Value>[]): OfEvaluator['fleiss'] {
  const bySize = Map.groupBy(shared, ({ size }) => size);
  const [, most] = [...bySize].toSorted(([a, x], [b, y]) => y.length - x.length || b - a)[0] ?? [0, []];
  if (most.length === 0) return null;
  const categories = [...new Set(most.flatMap((said) => [...said.values()]))];
  const result = fleissKappa(
    most.map((said) => categories.map((category) => [...said.values()].filter((value) => value === category).length)),
  );
  const left = shared.length - most.length;
  const warnings = left === 0 ? result.warnings : [...result.warnings, `${left} items with another number of judgments are left out.`];
  return honest(measuredOf({ ...result, warnings }));
}

function pairsOf(
  raters: readonly string[],
  items: readonly ReadonlyMap<string, Value>[],
  numeric: boolean,
  name: (id: string) => string,
): OfEvaluator['pairs'] {
  return raters.flatMap((a, index) =>
    raters.slice(index + 1).flatMap((b) => {
      const both = items.flatMap((said): [Value, Value][] => {
        const [x, y] = [said.get(a), said.get(b)];
        return x === undefined || y === undefined ? [] : [[x, y]];
      });
      if (both.length === 0) return [];
      const same = both.filter(([x, y]) => x === y).length;
      return [
        {
          a: { id: a, name: name(a) },
          b: { id: b, name: name(b) },
          items: both.length,
          agreement: measuredOf(proportion(same, both.length)),
          kappa: numeric ? null : honest(measuredOf(cohenKappa(tableOf(both)))),
        },
      ];
    }),
  );
}

function tableOf(both: readonly (readonly [Value, Value])[]): number[][] {
  const categories = [...new Set(both.flat())];
  return categories.map((row) => categories.map((column) => both.filter(([x, y]) => x === row && y === column).length));
}

function sentenceOf({ shared, agreement: same, alpha, raters }: Pick<OfEvaluator, 'shared' | 'agreement' | 'alpha' | 'raters'>): string {
  if (same === null || same.estimate === null)
    return raters.length < 2
      ? 'Agreement needs two people: so far at most one has judged each log.'
      : 'No log has been judged by two people yet, so agreement is unknown.';
  const percent = (share: number | null) => `${Math.round((share ?? 0) * 100)} %`;
  const logs = `${shared} ${shared === 1 ? 'log' : 'logs'}`;
  if (alpha.estimate === null)
    return `All said the same of ${logs}, with one answer only. How much of that is chance cannot be told until somebody answers otherwise.`;
  if (alpha.estimate === 1) return `All said the same of ${logs}; of others they would in at least ${percent(same.lower)}.`;
  const limits = alpha.lower === null || alpha.upper === null ? '' : `, between ${alpha.lower.toFixed(2)} and ${alpha.upper.toFixed(2)}`;
  const beyond = `Krippendorff’s alpha is ${alpha.estimate.toFixed(2)}${limits}`;
  return `Two judgments of one log are the same in ${percent(same.estimate)} of ${logs}. ${beyond}: ${strengthOf(alpha.lower, alpha.upper)}.`;
}

/** Krippendorff's own bounds: from 0.8 reliable, from 0.667 for tentative conclusions. Judged by the interval, not by its middle. */
function strengthOf(lower: number | null, upper: number | null): string {
  if (lower === null || upper === null) return 'too few logs to say how reliable that is';
  if (lower >= 0.8) return 'reliable';
  if (lower >= 0.667) return 'good enough for tentative conclusions';
  if (upper < 0.667) return 'too low to rely on; discuss the disagreements and sharpen the instructions';
  return 'more logs judged by two people would tell whether it is reliable';
}

function winRate(answers: Answers): ReviewAgreement['win_rate'] {
  const byItem = Map.groupBy(answers, ({ item_id }) => item_id);
  const winners = answers.map(({ answer, swapped }) => winnerOf(answer?.choice ?? null, swapped));
  const count = (what: 'first' | 'second' | 'tie') => winners.filter((winner) => winner === what).length;
  const [wins, losses, ties] = [count('first'), count('second'), count('tie')];
  const worth = { first: 1, second: 0, tie: 0.5 };
  const cases = [...byItem.values()].map((some) =>
    some.flatMap(({ answer, swapped }) => {
      const winner = winnerOf(answer?.choice ?? null, swapped);
      return winner === null ? [] : [worth[winner]];
    }),
  );
  const rate = measuredOf(ties === 0 ? passRate(cases) : meanScore(cases, [0, 1]));
  const chosen = (side: 'left' | 'right') => answers.filter(({ answer }) => answer?.choice === side).length;
  return {
    wins,
    losses,
    ties,
    rate,
    left_chosen: chosen('left'),
    right_chosen: chosen('right'),
    sentence: winSentence(rate, cases.length),
  };
}

function winSentence(
  { estimate, lower, upper }: { estimate: number | null; lower: number | null; upper: number | null },
  pairs: number,
): string {
  if (estimate === null || lower === null || upper === null) return 'No pair has been judged yet.';
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const says = `The first run wins ${percent(estimate)} of ${pairs} pairs, ties as half; the true share lies between ${percent(lower)} and ${percent(upper)}.`;
  if (lower > 0.5) return `People prefer the first run. ${says}`;
  if (upper < 0.5) return `People prefer the second run. ${says}`;
  return `Cannot tell which run people prefer. ${says}`;
}
