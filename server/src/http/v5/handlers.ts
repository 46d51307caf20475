import type { HttpDeps } from '../index.ts';
import { filePresenter } from '../present/file-presenter.ts';
import { logPresenter } from '../present/log.ts';
import { agentHandlers } from './agents.ts';
import type { Handlers } from './call.ts';
import { curationHandlers } from './curation.ts';
import { datasetHandlers } from './datasets.ts';
import { directoryHandlers } from './directories.ts';
import { evaluationHandlers } from './evaluations.ts';
import { exchangeHandlers } from './exchange.ts';
import { experimentHandlers } from './experiments.ts';
import { feedbackHandlers } from './feedback.ts';
import { fileHandlers } from './files.ts';
import { gateHandlers } from './gates.ts';
import { instanceHandlers } from './instance.ts';
import { judgeHandlers } from './judges.ts';
import { judgmentHandlers } from './judgments.ts';
import { kindHandlers } from './kinds.ts';
import { batchHandlers } from './log-batch.ts';
import { logHandlers } from './logs.ts';
import { monitorHandlers } from './monitors.ts';
import { logWriters } from './log-writers.ts';
import { otelHandlers } from './otel.ts';
import { peopleHandlers } from './people.ts';
import { promptHandlers } from './prompts.ts';
import { reviewHandlers } from './reviews.ts';
import { reportHandlers } from './reports.ts';
import { routingHandlers } from './routing.ts';
import { ruleHandlers } from './rules.ts';
import { settingsHandlers } from './settings.ts';
import { toolHandlers } from './tools.ts';

/** What every group of handlers gets. */
export interface Rooms extends HttpDeps {
  presentFiles: ReturnType<typeof filePresenter>;
  presentLogs: ReturnType<typeof logPresenter>;
}

/** One handler for every endpoint of the table; the type makes a missing one an error. */
export function createHandlers(deps: HttpDeps): Handlers {
  const rooms: Rooms = { ...deps, presentFiles: filePresenter(deps), presentLogs: logPresenter(deps) };
  const writers = { ...logWriters(rooms), ...judgmentHandlers(rooms) };
  return {
    ...kindHandlers(rooms),
    // Instead of some that all kinds share.
    ...datasetHandlers(rooms),
    ...curationHandlers(rooms),
    ...ruleHandlers(rooms),
    ...promptHandlers(rooms),
    ...toolHandlers(rooms),
    ...agentHandlers(rooms),
    ...evaluationHandlers(rooms),
    ...reportHandlers(rooms),
    ...judgeHandlers(rooms),
    ...monitorHandlers(rooms),
    ...fileHandlers(rooms),
    ...directoryHandlers(rooms),
    ...writers,
    ...batchHandlers(deps, writers),
    ...logHandlers(rooms),
    ...otelHandlers(rooms),
    ...instanceHandlers(rooms),
    ...peopleHandlers(rooms),
    ...settingsHandlers(rooms),
    ...routingHandlers(rooms),
    ...exchangeHandlers(rooms),
    ...gateHandlers(rooms),
    ...reviewHandlers(rooms),
    ...feedbackHandlers(rooms),
    ...experimentHandlers(rooms),
  };
}
