import type { z } from 'zod';
import type { CarriedItem, CarriedQueue } from '../../reviews/index.ts';
import { pathName } from '../export/pack.ts';
import { type Carrying, refusalOf } from './carrying.ts';
import { records } from './logs.ts';
import type { Ours } from './ours.ts';
import { reviewItemShape } from './ours-shapes.ts';
import { type ExportedPerson, whyNot } from './shapes.ts';
import { numbered } from './survey.ts';

type ExportedQueue = NonNullable<Ours['reviews']>[number];

/** Review queues with their items, after the logs and judgments that they name. */
export async function carryReviews(carrying: Carrying, { reviews }: Ours): Promise<void> {
  const { report, scope, archive, signal } = carrying;
  for (const queue of reviews ?? []) {
    signal.throwIfAborted();
    const folder = `whetstone/reviews/${pathName(queue.id)}/`;
    try {
      const items = await readItems(carrying, numbered(archive.paths.filter((path) => path.startsWith(folder))));
      await carrying.reviews.carry.take(scope, await queueOf(carrying, queue), items);
      report.carried('reviews');
    } catch (error) {
      report.problem('whetstone/reviews.json', `review queue ${queue.name}`, refusalOf(error));
    }
  }
}

async function queueOf(carrying: Carrying, queue: ExportedQueue): Promise<CarriedQueue> {
  const { versions, fileIds, authors, scope } = carrying;
  const file = (id: string): string => fileIds.get(id) ?? id;
  return {
    id: queue.id,
    name: queue.name,
    instructions: queue.instructions,
    mode: queue.mode,
    blind: queue.blind,
    overlap: queue.overlap,
    share: queue.share,
    source: renamed(carrying, queue.source) as CarriedQueue['source'],
    liveFilter: renamed(carrying, queue.live_filter) as CarriedQueue['liveFilter'],
    closed: queue.closed,
    createdAt: queue.created_at,
    createdBy: (await authors.idOf(queue.created_by)) ?? scope.actor.id,
    evaluators: queue.evaluators.map((each) => ({
      id: file(each.id),
      versionId: versions.get(each.version_id)?.versionId ?? each.version_id,
    })),
    assignees: await peopleOf(carrying, queue.assignees),
    population:
      queue.population === null
        ? null
        : { ...queue.population, judge_id: file(queue.population.judge_id), human_id: file(queue.population.human_id) },
  };
}

/** Ids of files, versions and environments in a filter become those of here; other texts are none. */
function renamed(carrying: Carrying, value: unknown): unknown {
  if (typeof value === 'string')
    return carrying.fileIds.get(value) ?? carrying.versions.get(value)?.versionId ?? carrying.places.byOldId.get(value) ?? value;
  if (Array.isArray(value)) return value.map((each) => renamed(carrying, each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renamed(carrying, each)]));
}

async function readItems(carrying: Carrying, paths: readonly string[]): Promise<CarriedItem[]> {
  const items: CarriedItem[] = [];
  for (const path of paths) {
    for await (const { where, record } of records(carrying, path)) {
      const parsed = reviewItemShape.safeParse(record);
      if (parsed.success) items.push(await itemOf(carrying, parsed.data));
      else carrying.report.problem(where, 'item of a review queue', whyNot(parsed.error));
    }
  }
  return items;
}

async function itemOf(carrying: Carrying, item: z.output<typeof reviewItemShape>): Promise<CarriedItem> {
  const { fileIds } = carrying;
  const ofHere = <T extends { evaluator_id: string }>(each: T): T => ({
    ...each,
    evaluator_id: fileIds.get(each.evaluator_id) ?? each.evaluator_id,
  });
  const answers: CarriedItem['answers'] = [];
  for (const { by, state, seconds, answer, judgment_ids: judgmentIds, changed_at: changedAt } of item.answers) {
    const said = answer === null ? null : { ...answer, answers: answer.answers.map(ofHere) };
    answers.push({ userId: await reviewerOf(carrying, by), state, seconds, answer: said, judgmentIds, changedAt });
  }
  const comments: CarriedItem['comments'] = [];
  for (const { id, by, text, at } of item.comments) comments.push({ id, userId: await reviewerOf(carrying, by), text, at });
  return {
    id: item.id,
    position: item.position,
    logId: item.log_id,
    otherLogId: item.other_log_id,
    swapped: item.swapped,
    probability: item.probability,
    gone: item.gone,
    resolvedAt: item.resolved_at,
    resolvedBy: item.resolved_by == null ? null : await reviewerOf(carrying, item.resolved_by),
    resolution: item.resolution?.map(ofHere) ?? null,
    addedAt: item.added_at,
    answers,
    comments,
  };
}

async function peopleOf(carrying: Carrying, people: readonly ExportedPerson[]): Promise<string[]> {
  const ids: string[] = [];
  for (const person of people) ids.push(await reviewerOf(carrying, person));
  return [...new Set(ids)];
}

/** Who is of this server and not of the workspace stays nameless, and one of their own: agreement is counted between people. */
async function reviewerOf({ authors }: Carrying, person: ExportedPerson): Promise<string> {
  const id = typeof person === 'string' ? person : person?.id;
  return (await authors.idOf(person)) ?? `elsewhere:${id ?? 'nobody'}`;
}
