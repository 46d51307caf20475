import type { CarriedItem } from '../../reviews/index.ts';
import type { Exporting } from './files.ts';
import { addLines } from './lines.ts';
import { pathName } from './pack.ts';
import { iso } from './records.ts';

/** `whetstone/reviews/<id>/`: a review queue, and its items with what was answered and said of them. */
export async function addReviews(exporting: Exporting): Promise<void> {
  const { pack, deps, scope, authors } = exporting;
  const queues = await deps.reviews.carry.queues(scope);
  const by = await authors.named(queues.flatMap(({ createdBy, assignees }) => [createdBy, ...assignees]));
  /** In the order in which they were made. */
  await pack.json(
    'whetstone/reviews.json',
    queues.map((queue) => ({
      id: queue.id,
      name: queue.name,
      instructions: queue.instructions,
      mode: queue.mode,
      blind: queue.blind,
      overlap: queue.overlap,
      share: queue.share,
      source: queue.source,
      live_filter: queue.liveFilter,
      closed: queue.closed,
      created_at: queue.createdAt.toISOString(),
      created_by: by(queue.createdBy),
      evaluators: queue.evaluators.map(({ id, versionId }) => ({ id, version_id: versionId })),
      assignees: queue.assignees.map((id) => by(id)),
      population: queue.population,
    })),
  );
  for (const { id } of queues) await addLines(pack, `whetstone/reviews/${pathName(id)}`, itemsOf(exporting, id));
}

async function* itemsOf({ deps, scope, authors }: Exporting, queueId: string): AsyncGenerator<object> {
  for await (const item of deps.reviews.carry.items(scope, queueId)) yield itemRecord(item, await authors.named(peopleAt(item)));
}

function peopleAt({ resolvedBy, answers, comments }: CarriedItem): (string | null)[] {
  return [resolvedBy, ...[...answers, ...comments].map(({ userId }) => userId)];
}

function itemRecord(item: CarriedItem, by: (id: string | null) => object | null) {
  return {
    id: item.id,
    position: item.position,
    log_id: item.logId,
    other_log_id: item.otherLogId,
    swapped: item.swapped,
    probability: item.probability,
    gone: item.gone,
    added_at: item.addedAt.toISOString(),
    resolved_at: iso(item.resolvedAt),
    resolved_by: by(item.resolvedBy),
    resolution: item.resolution,
    answers: item.answers.map(({ userId, state, seconds, answer, judgmentIds, changedAt }) => ({
      by: by(userId),
      state,
      seconds,
      answer,
      judgment_ids: judgmentIds,
      changed_at: changedAt.toISOString(),
    })),
    comments: item.comments.map(({ id, userId, text, at }) => ({ id, by: by(userId), text, at: at.toISOString() })),
  };
}
