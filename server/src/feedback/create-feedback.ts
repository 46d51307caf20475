import { agreeBy } from './agree.ts';
import { arrivals } from './arrivals.ts';
import { carryOf } from './carry.ts';
import { give } from './give.ts';
import type { Feedback, FeedbackDeps } from './index.ts';
import { RateLimits } from './rate-limits.ts';
import { deleteOfWorkspace, deleteWaiting, type FeedbackTables } from './store.ts';
import { summary } from './summary.ts';
import { Waiting } from './waiting.ts';

export function createFeedback(deps: FeedbackDeps): Feedback {
  const db = deps.storage.database<FeedbackTables>();
  const agree = deps.replicated ? agreeBy(db, deps.clock) : null;
  const waiting = new Waiting({ ...deps, db, agree });
  const limits = new RateLimits(() => performance.now());
  const wait = (workspaceId: string, rows: Parameters<Waiting['keep']>[1]) => waiting.keep(workspaceId, rows);
  const parts = { ...deps, agree, wait };
  return {
    give: (scope, items) => give(parts, scope, items),
    recorded: (scope, log) => waiting.recorded(scope, log),
    spend: (key, address, users) => limits.spend(key, address, users),
    summary: (scope, query) => summary(deps, scope, query),
    arrivals: (scope, fileId) => arrivals(deps, db, scope, fileId),
    carry: carryOf(db, wait),
    deleteLogs: ({ workspaceId }, logs) => (logs.length === 0 ? Promise.resolve() : deleteWaiting(db, workspaceId, { logs })),
    deleteUser: ({ workspaceId }, user) => deleteWaiting(db, workspaceId, { user }),
    deleteFile: ({ workspaceId }, evaluatorId) => deleteWaiting(db, workspaceId, { evaluatorId }),
    deleteWorkspace: (workspaceId) => deleteOfWorkspace(db, workspaceId),
    start: () => waiting.start(),
    close: () => waiting.close(),
  };
}
