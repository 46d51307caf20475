import { agentEndpoints } from './endpoints-agents.ts';
import { batchEndpoints } from './endpoints-batch.ts';
import { datasetEndpoints } from './endpoints-datasets.ts';
import { evaluationEndpoints } from './endpoints-evaluations.ts';
import { experimentEndpoints } from './endpoints-experiments.ts';
import { exchangeEndpoints } from './endpoints-exchange.ts';
import { feedbackEndpoints } from './endpoints-feedback.ts';
import { gateEndpoints } from './endpoints-gates.ts';
import { fileEndpoints } from './endpoints-files.ts';
import { judgeEndpoints } from './endpoints-judges.ts';
import { logEndpoints } from './endpoints-logs.ts';
import { monitorEndpoints } from './endpoints-monitors.ts';
import { otlpEndpoints } from './endpoints-otlp.ts';
import { reviewEndpoints } from './endpoints-reviews.ts';
import { toolEndpoints } from './endpoints-tools.ts';
import { reportEndpoints } from './endpoints-reports.ts';
import { ruleEndpoints } from './endpoints-rules.ts';
import { routeEndpoints } from './endpoints-routes.ts';
import { workspaceEndpoints } from './endpoints-workspace.ts';

export type { AgentCallRequest, AgentEventType } from './endpoints-agents.ts';
export type { ToolCallRequest } from './endpoints-tools.ts';
export type { GateCheck, GateReason, GateResponse } from './endpoints-gates.ts';
export type { TriedJudgment } from './endpoints-judges.ts';
export type { DatasetRuleResponse } from './endpoints-rules.ts';
export type { BatchItem, BatchType } from './endpoints-batch.ts';
export { idsTaken, importSources, type ImportEvent, type ImportReport, type ImportSource } from './endpoints-exchange.ts';
export type { OtelRule } from './endpoints-otlp.ts';

/** Every operation below `/v5`. The server refuses to start when one has no handler. */
export const endpoints = {
  ...fileEndpoints,
  ...datasetEndpoints,
  ...ruleEndpoints,
  ...evaluationEndpoints,
  ...reportEndpoints,
  ...judgeEndpoints,
  ...monitorEndpoints,
  ...reviewEndpoints,
  ...feedbackEndpoints,
  ...experimentEndpoints,
  ...logEndpoints,
  ...batchEndpoints,
  ...toolEndpoints,
  ...agentEndpoints,
  ...otlpEndpoints,
  ...workspaceEndpoints,
  ...routeEndpoints,
  ...exchangeEndpoints,
  ...gateEndpoints,
} as const;
export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;
