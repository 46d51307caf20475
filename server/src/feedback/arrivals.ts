import type { FeedbackArrivals, Scope } from '@whetstone/contract';
import type { FeedbackDeps, Kind } from './index.ts';
import { humanKinds, isCorrection, valencesOf } from './kinds.ts';
import { countWaiting, type Db } from './store.ts';

type Sort = FeedbackArrivals['kinds'][number]['kind'];
const sorts: readonly Sort[] = ['votes', 'actions', 'corrections', 'other'];
const week = 7 * 86_400_000;
const mostCounted = 200_000;

/** Which of the three kinds of feedback arrive. */
export async function arrivals(deps: FeedbackDeps, db: Db, scope: Scope, fileId: string | null): Promise<FeedbackArrivals> {
  const now = deps.clock();
  const kinds = await humanKinds(deps.files, scope);
  const [arrived, waiting] = await Promise.all([
    deps.logs.feedback.arrived(
      scope,
      fileId,
      kinds.map(({ id }) => id),
      now,
    ),
    countWaiting(db, scope.workspaceId, mostCounted, new Date(now.getTime() - week)),
  ]);
  const of = new Map(arrived.evaluators.map((each) => [each.evaluatorId, each]));
  return {
    logs: arrived.logs,
    with_user: arrived.withUser,
    with_reference: arrived.withReference,
    kinds: sorts.map((sort) => {
      const own = kinds.filter((kind) => sortOf(kind) === sort).flatMap((kind) => ({ kind, arrived: of.get(kind.id) }));
      const last = Math.max(...own.map((each) => each.arrived?.lastAt.getTime() ?? -Infinity));
      return {
        kind: sort,
        last_at: Number.isFinite(last) ? new Date(last).toISOString() : null,
        day: own.reduce((sum, each) => sum + (each.arrived?.day ?? 0), 0),
        week: own.reduce((sum, each) => sum + (each.arrived?.week ?? 0), 0),
        evaluators: own.flatMap((each) => ((each.arrived?.week ?? 0) > 0 ? [each.kind.path] : [])),
      };
    }),
    waiting,
  };
}

/** Said outright, done, or written instead. Choices that only find fault are none of the three. */
function sortOf(kind: Kind): Sort {
  if (isCorrection(kind)) return 'corrections';
  const { return_type: type } = kind.spec;
  if (type === 'text') return 'other';
  if (type !== 'multi_select') return 'votes';
  return valencesOf(kind.spec).positive.length > 0 || (kind.spec.options ?? []).length === 0 ? 'actions' : 'other';
}
