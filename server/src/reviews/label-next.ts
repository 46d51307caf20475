import type { EvaluatorSpec, ReviewEstimate } from '@whetstone/contract';
import { AppError } from '@whetstone/contract';
import { activeMean, activePolicy, chooseLabels, estimateOf } from '@whetstone/statistics';
import { labelled } from './against.ts';
import { type Case, casesOf, joint } from './cases.ts';
import { prefixes, queueOf, shuffled, type Room } from './context.ts';
import type { Reviews } from './index.ts';
import { measuredOf, scoreOf } from './measured.ts';
import { save } from './queues.ts';
import { populationOf } from './store-judged.ts';
import { allItems, answersOf } from './store-slots.ts';
import type { ItemRow } from './tables.ts';

/** Which logs to label next, and what such labels say. */

const mostPopulation = 50_000;
const bins = 5;

export const labelNext =
  (room: Room): Reviews['labelNext'] =>
  async (scope, judgeId, of, { name, budget, randomShare, assignees, overlap, blind }) => {
    const { judge, human, measure, cases } = await casesOf(room, scope, judgeId, of);
    const open = cases.filter((one) => one.human === null).slice(-mostPopulation);
    if (open.length === 0)
      throw new AppError(
        'invalid_input',
        'There is no log here that the judge judged and people did not. Run the judge on more logs first.',
      );
    const u = uncertaintyOf(cases, open);
    const probabilities = activePolicy(u, Math.min(budget, open.length), randomShare);
    const chosen = chooseLabels(probabilities, () => room.random());
    const id = room.newId(prefixes.queue);
    const items = shuffled(room, chosen).map((index, at) => ({
      id: room.newId(prefixes.item),
      position: (at + room.random()) / chosen.length,
      logId: open[index]?.logId ?? '',
      otherLogId: null,
      swapped: false,
      probability: probabilities[index] ?? null,
    }));
    return save(room, scope, {
      id,
      name: name ?? `Labels for ${judge.file.name}`,
      instructions: null,
      assignees,
      overlap,
      share: 1,
      blind,
      filter: null,
      mode: 'single',
      source: { type: 'active' },
      evaluators: [human],
      items,
      live: false,
      population: {
        judge_id: judge.file.id,
        human_id: human.file.id,
        random_share: randomShare,
        measure,
        log_ids: JSON.stringify(open.map(({ logId }) => logId)),
        judged: JSON.stringify(open.map((one) => one.judge)),
        probabilities: JSON.stringify(Array.from(probabilities)),
      },
    });
  };

/**
 * How far the judge is expected to be off, per log: the root mean square error on labelled logs of which it said about the same. Until
 * there are labels, a judge that gives shares is least sure about ½, and of any other judge nothing is known.
 */
function uncertaintyOf(cases: readonly Case[], open: readonly Case[]): number[] {
  const known = labelled(cases);
  const sorted = cases.map((one) => one.judge).toSorted((a, b) => a - b);
  const edges = Array.from({ length: bins - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bins)] ?? 0);
  const binOf = (value: number) => edges.filter((edge) => value > edge).length;
  const shares = cases.every(({ judge }) => judge >= 0 && judge <= 1) && cases.some(({ judge }) => judge > 0 && judge < 1);
  const scale = Math.max(...cases.map(({ judge }) => Math.abs(judge)), 1);
  const prior = (value: number) => (shares ? value * (1 - value) + 0.01 : 0.1 * scale * scale);
  const squares = new Map<number, { sum: number; n: number }>();
  for (const { judge, human } of known) {
    const bin = squares.get(binOf(judge)) ?? { sum: 0, n: 0 };
    squares.set(binOf(judge), { sum: bin.sum + (human - judge) ** 2, n: bin.n + 1 });
  }
  return open.map(({ judge }) => {
    const { sum, n } = squares.get(binOf(judge)) ?? { sum: 0, n: 0 };
    return Math.sqrt((sum + 2 * prior(judge)) / (n + 2));
  });
}

export const estimate =
  (room: Room): Reviews['estimate'] =>
  async (scope, id) => {
    const queue = await queueOf(room, scope, id);
    const population = await populationOf(room.db, queue.id);
    if (population === undefined)
      throw new AppError(
        'bad_request',
        'The logs of this queue were not chosen by a judge. Its labels are compared with a judge by `GET /v5/evaluators/{id}/against-people`.',
      );
    const [judge, human] = await Promise.all([
      room.files.get(scope, 'evaluator', { id: population.judge_id }),
      room.files.get(scope, 'evaluator', { id: population.human_id }),
    ]);
    const [items, answers] = await Promise.all([allItems(room.db, queue.id), answersOf(room.db, queue.id)]);
    const labels = labelsOf(items, answers, human.file.id, human.version.kernel.spec);
    const gone = new Set(items.flatMap((item) => (item.gone ? [item.log_id] : [])));
    const kept = population.log_ids.map((_, index) => index).filter((index) => !gone.has(population.log_ids[index] ?? ''));
    const chosen = items.filter((item) => !item.gone).length;
    const done = kept.filter((index) => labels.has(population.log_ids[index] ?? '')).length;
    // Items come in an order by chance, so those done so far are a random part of those chosen.
    const part = chosen === 0 ? 1 : done / chosen;
    const result =
      done === 0
        ? { ...estimateOf({ level: 0.95, n: kept.length, units: 0, method: 'active inference', reason: 'no_data' }), saving: null }
        : activeMean({
            judge: kept.map((index) => population.judged[index] ?? 0),
            labelProbability: kept.map((index) => (population.probabilities[index] ?? 1) * part),
            label: kept.map((index) => labels.get(population.log_ids[index] ?? '') ?? null),
          });
    const inRange = (limit: number | null) => (limit === null || population.measure === 'score' ? limit : Math.min(1, Math.max(0, limit)));
    const measured = measuredOf({
      ...result,
      estimate: inRange(result.estimate),
      lower: inRange(result.lower),
      upper: inRange(result.upper),
    });
    const mean = (values: readonly number[]) =>
      values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
    const answered = {
      judge: { id: judge.file.id, path: judge.file.path },
      human: { id: human.file.id, path: human.file.path },
      population: kept.length,
      chosen,
      labelled: done,
      random_share: population.random_share,
      raw: mean(kept.map((index) => population.judged[index] ?? 0)),
      estimate: measured,
      unweighted: mean([...labels.values()]),
      saving: done < 10 ? null : result.saving,
    };
    return { ...answered, sentence: sentenceOf(answered, population.measure) };
  };

function labelsOf(
  items: readonly ItemRow[],
  answers: Awaited<ReturnType<typeof answersOf>>,
  humanId: string,
  spec: EvaluatorSpec,
): Map<string, number> {
  const byItem = Map.groupBy(answers, ({ item_id }) => item_id);
  return new Map(
    items.flatMap((item): [string, number][] => {
      if (item.gone) return [];
      const said = item.resolution ?? (byItem.get(item.id) ?? []).flatMap(({ answer }) => answer?.answers ?? []);
      const values = said.flatMap((one) => (one.evaluator_id === humanId ? (scoreOf(spec, one.judgment) ?? []) : []));
      const { value } = values.length === 0 ? { value: null } : joint(values);
      return value === null ? [] : [[item.log_id, value]];
    }),
  );
}

function sentenceOf(
  { chosen, labelled: done, population, estimate: of, saving }: Omit<ReviewEstimate, 'sentence'>,
  measure: 'pass' | 'score',
): string {
  if (done === 0) return `${chosen} of ${population} logs were chosen; none is labelled yet.`;
  const say = (value: number | null) =>
    value === null ? 'unknown' : measure === 'pass' ? `${Math.round(value * 100)} %` : value.toFixed(2);
  const limits = of.lower === null || of.upper === null ? '' : `, between ${say(of.lower)} and ${say(of.upper)}`;
  const so = done < chosen ? 'so far ' : '';
  const first = `${done} of ${chosen} chosen labels say ${so}${say(of.estimate)}${limits}, for all ${population} logs.`;
  if (saving === null) return `${first} What choosing saved can be told from ten labels on.`;
  if (saving > 1.02)
    return `${first} As many labels at random would have left ${saving.toFixed(2)} times the variance: choosing saved about ${Math.round((1 - 1 / saving) * 100)} % of them.`;
  return `${first} Choosing has saved nothing here: as many labels at random would have told as much.`;
}
