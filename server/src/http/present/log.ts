import type { EvaluatorLogResponse, FileKind, LogResponse, Scope } from '@whetstone/contract';
import type { Environment, Files, Snapshot } from '../../files/index.ts';
import type { Logs, StoredJudgment, StoredLog } from '../../logs/index.ts';
import type { People } from '../../people/index.ts';
import { presentFile } from './file.ts';

/** Everything that the presentation of some logs needs, read in a few queries. */
interface Context {
  names: Awaited<ReturnType<People['users']['names']>>;
  versions: Map<string, Snapshot>;
  environments: Map<string, Environment>;
  judgments: Map<string, StoredJudgment[]>;
  children: Map<string, StoredLog[]>;
}

export interface LogView {
  /** False: none. A map: those of the logs, asked for already; descendants have theirs looked up. */
  judgments?: boolean | Promise<Map<string, StoredJudgment[]>>;
  /** Those of the workspace, asked for already. */
  environments?: Promise<Environment[]>;
  /** Logs of the traces, to nest below their parents. */
  descendants?: StoredLog[];
}

export function logPresenter(rooms: { people: People; files: Files; logs: Logs }) {
  const judgmentsOf = (scope: Scope, all: StoredLog[], view: LogView): Promise<Map<string, StoredJudgment[]>> => {
    if (view.judgments === false) return Promise.resolve(new Map());
    if (view.judgments instanceof Promise && (view.descendants ?? []).length === 0) return view.judgments;
    return rooms.logs.judgmentsOf(
      scope,
      all.map((log) => log.id),
    );
  };
  const context = async (scope: Scope, logs: StoredLog[], view: LogView): Promise<Context> => {
    const all = [...logs, ...(view.descendants ?? [])];
    const [environments, judgments] = await Promise.all([
      view.environments ?? rooms.files.environments.list(scope),
      judgmentsOf(scope, all, view),
    ]);
    const versionIds = new Set(all.map((log) => log.versionId));
    for (const list of judgments.values()) for (const judgment of list) versionIds.add(judgment.evaluatorVersionId);
    const versions = await rooms.files.versionsById(scope, [...versionIds]);
    const people = [...versions.values()].flatMap((s) => [s.file.createdBy, s.version.createdBy]).filter((id) => id !== null);
    const children = new Map<string, StoredLog[]>();
    for (const log of view.descendants ?? []) {
      if (log.traceParentId === null) continue;
      children.set(log.traceParentId, [...(children.get(log.traceParentId) ?? []), log]);
    }
    return {
      names: await rooms.people.users.names([...new Set(people)]),
      versions,
      environments: new Map(environments.map((environment) => [environment.id, environment])),
      judgments,
      children,
    };
  };
  return {
    async logs(scope: Scope, logs: StoredLog[], view: LogView = {}): Promise<LogResponse[]> {
      const known = await context(scope, logs, view);
      return logs.map((log) => presentLog(log, known, new Set()));
    },
    async judgment(scope: Scope, judgment: StoredJudgment): Promise<EvaluatorLogResponse> {
      const versions = await rooms.files.versionsById(scope, [judgment.evaluatorVersionId]);
      return presentJudgment(judgment, { names: new Map(), versions, environments: new Map(), judgments: new Map(), children: new Map() });
    },
  };
}
export type LogPresenter = ReturnType<typeof logPresenter>;

function presentLog(log: StoredLog, context: Context, above: ReadonlySet<string>): LogResponse {
  // A parent cycle, which only a caller who invents ids can make, ends here.
  const path = new Set([...above, log.id]);
  const children = (context.children.get(log.id) ?? []).filter((child) => !path.has(child.id));
  return {
    ...common(log, context),
    ...modelFields(log),
    evaluator_logs: (context.judgments.get(log.id) ?? []).map((judgment) => presentJudgment(judgment, context)),
    trace_children: children.length === 0 ? null : children.map((child) => presentLog(child, context, path)),
    [log.kind]: file(log.kind, log.versionId, log.fileId, context),
  } as LogResponse;
}

function common(log: StoredLog, context: Context) {
  return {
    id: log.id,
    type: log.kind,
    log_id: log.id,
    start_time: log.startTime?.toISOString() ?? null,
    end_time: log.endTime?.toISOString() ?? null,
    output: log.output,
    created_at: log.at.toISOString(),
    error: log.error,
    provider_latency: log.latencyMs === null ? null : log.latencyMs / 1000,
    stdout: log.stdout,
    provider_request: log.providerRequest,
    provider_response: log.providerResponse,
    inputs: log.inputs,
    source: log.source,
    metadata: log.metadata,
    source_datapoint_id: log.datapointId,
    trace_parent_id: log.traceParentId,
    trace_id: log.traceId,
    trace_flow_id: log.traceId,
    user: log.user,
    environment: log.environmentId === null ? null : (context.environments.get(log.environmentId)?.name ?? null),
    save: log.save,
    batches: log.runId === null ? [] : [log.runId],
    log_status: log.logStatus,
    output_message: log.outputMessage,
    origin: log.origin,
    status: log.status,
    session: log.session,
    reference_id: log.referenceId,
    counterfactual_of: log.counterfactualOf,
    experiment_id: log.experimentId,
    arm_id: log.armId,
    unit: log.unit,
    model: log.model,
    provider_name: log.provider,
    latency_ms: log.latencyMs,
    first_token_ms: log.firstTokenMs,
    cost_usd: log.costUsd,
    estimated: log.estimated,
    input_preview: log.inputPreview,
    output_preview: log.outputPreview,
    text_repaired: log.textRepaired,
    payload: log.payload,
  };
}

function modelFields(log: StoredLog) {
  if (log.kind !== 'prompt' && log.kind !== 'agent') return { messages: log.messages };
  return {
    prompt_tokens: log.promptTokens,
    output_tokens: log.outputTokens,
    reasoning_tokens: log.reasoningTokens,
    prompt_cost: log.promptCost,
    output_cost: log.outputCost,
    finish_reason: log.finishReason,
    messages: log.messages,
    tool_choice: log.toolChoice,
  };
}

function presentJudgment(judgment: StoredJudgment, context: Context): EvaluatorLogResponse {
  const text = judgment.value === null ? null : typeof judgment.value === 'string' ? judgment.value : JSON.stringify(judgment.value);
  return {
    id: judgment.id,
    type: 'evaluator',
    log_id: judgment.id,
    parent_id: judgment.logId,
    judgment: judgment.value,
    marked_completed: null,
    output: text,
    reason: judgment.reason,
    judge: judgment.judge,
    judgment_source: judgment.source,
    edit: judgment.edit,
    error: judgment.error,
    stdout: judgment.stdout,
    created_at: judgment.at.toISOString(),
    start_time: judgment.startTime?.toISOString() ?? null,
    end_time: judgment.endTime?.toISOString() ?? null,
    metadata: judgment.metadata,
    origin: judgment.origin,
    status: judgment.error === null ? 'ok' : 'error',
    ...absent,
    evaluator: file('evaluator', judgment.evaluatorVersionId, judgment.evaluatorId, context),
    evaluator_logs: [],
    trace_children: null,
  } as EvaluatorLogResponse;
}

/** Keys that every log has and a judgment has nothing to say about. */
const absent = {
  provider_latency: null,
  provider_request: null,
  provider_response: null,
  inputs: null,
  source: null,
  source_datapoint_id: null,
  trace_parent_id: null,
  trace_id: null,
  trace_flow_id: null,
  user: null,
  environment: null,
  save: true,
  batches: [],
  log_status: null,
  output_message: null,
  session: null,
  reference_id: null,
  counterfactual_of: null,
  model: null,
  provider_name: null,
  latency_ms: null,
  first_token_ms: null,
  cost_usd: null,
  estimated: false,
  input_preview: '',
  output_preview: '',
  text_repaired: false,
  payload: 'full',
};

/** The version that made a log. One whose file is gone still has a shape that strict clients can read. */
function file(kind: FileKind, versionId: string, fileId: string, context: Context) {
  const snapshot = context.versions.get(versionId) ?? gone(kind, versionId, fileId);
  return presentFile(snapshot, { names: context.names, linkedTools: context.versions });
}

function gone(kind: FileKind, versionId: string, fileId: string): Snapshot {
  const never = new Date(0);
  const kernel =
    kind === 'evaluator' ? { spec: { evaluator_type: 'external', arguments_type: 'target_free', return_type: 'text' } } : { model: '' };
  return {
    kind,
    file: {
      id: fileId,
      path: '(deleted)',
      name: '(deleted)',
      directoryId: null,
      description: null,
      readme: null,
      tags: [],
      hidden: true,
      createdAt: never,
      updatedAt: never,
      lastUsedAt: never,
      createdBy: null,
    },
    version: {
      id: versionId,
      contentHash: '',
      kernel: kernel as Snapshot['version']['kernel'],
      name: null,
      description: null,
      status: 'deleted',
      createdAt: never,
      createdBy: null,
      parentVersionId: null,
    },
    environments: [],
    inputs: [],
  };
}
