import { AppError, type ReviewSource, type Scope } from '@whetstone/contract';
import type { LogFilter } from '../../logs/index.ts';
import type { Population } from '../../reviews/index.ts';
import type { Handlers, HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';
import { logFilter } from './logs.ts';

/** Queues of logs for people, and judges against people. */
export function reviewHandlers(rooms: Rooms): HandlersOf<'reviews'> & Handlers<'evaluators.against_people' | 'evaluators.label_next'> {
  const { reviews } = rooms;
  return {
    async 'reviews.list'({ scope, query }) {
      return { records: await reviews.list(scope, query.closed ?? null) };
    },
    async 'reviews.create'({ scope, body }) {
      return reviews.create(scope, { ...body, filter: await filterOf(rooms, scope, body.source) });
    },
    async 'reviews.get'({ scope, params }) {
      return reviews.get(scope, params.id);
    },
    async 'reviews.update'({ scope, params, body }) {
      return reviews.update(scope, params.id, body);
    },
    async 'reviews.delete'({ scope, params }) {
      await reviews.delete(scope, params.id);
    },
    async 'reviews.claim'({ scope, params, body }) {
      const items = await reviews.claim(scope, params.id, body);
      return { items, lease_seconds: reviews.leaseSeconds, queue: await reviews.get(scope, params.id) };
    },
    async 'reviews.item'({ scope, params }) {
      return reviews.item(scope, params.id, params.item_id);
    },
    async 'reviews.answer'({ scope, params, body }) {
      return { judgment_ids: await reviews.answer(scope, params.id, params.item_id, body) };
    },
    async 'reviews.undo'({ scope, params }) {
      await reviews.undo(scope, params.id, params.item_id);
    },
    async 'reviews.skip'({ scope, params }) {
      await reviews.skip(scope, params.id, params.item_id);
    },
    async 'reviews.agreement'({ scope, params }) {
      return reviews.agreement(scope, params.id);
    },
    async 'reviews.disagreements'({ scope, params, query: { page, size } }) {
      return { ...(await reviews.disagreements(scope, params.id, { page, size })), page, size };
    },
    async 'reviews.comment'({ scope, params, body }) {
      return { id: await reviews.comment(scope, params.id, params.item_id, body.text) };
    },
    async 'reviews.resolve'({ scope, params, body }) {
      return { judgment_ids: await reviews.resolve(scope, params.id, params.item_id, body.answers) };
    },
    async 'reviews.estimate'({ scope, params }) {
      return reviews.estimate(scope, params.id);
    },
    async 'evaluators.against_people'({ scope, params, query }) {
      return reviews.againstPeople(scope, params.id, populationOf(query));
    },
    async 'evaluators.label_next'({ scope, params, body }) {
      return reviews.labelNext(scope, params.id, populationOf(body), {
        name: body.name ?? null,
        budget: body.budget,
        randomShare: body.random_share,
        assignees: body.assignees,
        overlap: body.overlap,
        blind: body.blind,
      });
    },
  };
}

async function filterOf(rooms: Rooms, scope: Scope, source: ReviewSource): Promise<LogFilter | null> {
  if (source.type !== 'filter') return null;
  const { type: _, live, ...query } = source;
  if (live && query.end_date != null)
    throw new AppError('invalid_input', 'New logs cannot join a queue whose time is over. Leave `end_date` or `live` out.');
  return logFilter(rooms, scope, query);
}

interface Asked {
  human_id: string;
  file_id?: string | null | undefined;
  environment?: string | null | undefined;
  from?: string | null | undefined;
  to?: string | null | undefined;
  run_id?: string | null | undefined;
}

function populationOf({ human_id, file_id, environment, from, to, run_id }: Asked): Population {
  return {
    humanId: human_id,
    fileId: file_id ?? null,
    environment: environment ?? null,
    from: from == null ? null : new Date(from),
    to: to == null ? null : new Date(to),
    runId: run_id ?? null,
  };
}
