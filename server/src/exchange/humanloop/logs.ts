import { AppError, type ChatMessage, type EvaluatorSpec } from '@whetstone/contract';
import { isCorrection } from '../../feedback/index.ts';
import type { BatchLog, NewJudgment } from '../../logs/index.ts';
import type { Carrying } from './carrying.ts';
import { type ExportedLog, logShape, whyNot } from './shapes.ts';

const logsAtOnce = 200;
/** The queue takes rows faster than the store: no more than twice as many wait in it, or they fill the memory. */
const logsAhead = 2_000;
const drainMs = 30_000;
const logKinds = ['prompt', 'tool', 'flow', 'agent'] as const;

/** Logs and judgments of a list of files in the archive, each once however often traces repeat it. */
export async function carryLogs(carrying: Carrying, paths: readonly string[], done: (logs: number) => void): Promise<void> {
  const seen = new Set<string>();
  let logs: { where: string; log: BatchLog }[] = [];
  let judgments: { where: string; judgment: NewJudgment }[] = [];
  let ahead = 0;
  let stored: Promise<unknown> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await write(carrying, logs, judgments);
    done(logs.length);
    ahead += logs.length;
    if (ahead >= logsAhead) {
      await stored;
      stored = carrying.logs.drained(drainMs);
      ahead = 0;
    }
    logs = [];
    judgments = [];
  };
  for (const path of paths) {
    for await (const { where, record } of records(carrying, path)) {
      carrying.signal.throwIfAborted();
      for (const each of unfolded(carrying, where, logIn(record), null)) {
        if (seen.has(each.id)) continue;
        seen.add(each.id);
        if ('log' in each) logs.push({ where, log: each.log });
        else judgments.push({ where, judgment: each.judgment });
      }
      if (logs.length >= logsAtOnce || judgments.length >= logsAtOnce) await flush();
    }
  }
  await flush();
}

export async function* records({ archive, report }: Carrying, path: string): AsyncGenerator<{ where: string; record: unknown }> {
  let line = 0;
  try {
    for await (const text of archive.lines(path)) {
      line += 1;
      const where = `${path}:${line}`;
      try {
        yield { where, record: JSON.parse(text) as unknown };
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        report.problem(where, 'log', whyNot(error));
      }
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    report.problem(path, 'logs', whyNot(error));
  }
}

/** An evaluation's lines have the log inside. */
function logIn(record: unknown): unknown {
  const { log, evaluator_logs: judgments } = (record ?? {}) as { log?: unknown; evaluator_logs?: unknown };
  return typeof log === 'object' && log !== null ? { evaluator_logs: judgments, ...log } : record;
}

type Unfolded = { id: string; log: BatchLog } | { id: string; judgment: NewJudgment };

/** A log, what is below it in its trace, and the judgments of each. Parents come first. */
function* unfolded(carrying: Carrying, where: string, record: unknown, above: { id: string; root: string } | null): Generator<Unfolded> {
  const { report } = carrying;
  const parsed = logShape.safeParse(record);
  if (!parsed.success) {
    report.problem(where, 'log', whyNot(parsed.error));
    return;
  }
  const log = parsed.data;
  const made = log.judgment !== undefined || log.evaluator ? judgmentOf(carrying, log, above?.id ?? null) : logOf(carrying, log, above);
  if (typeof made === 'string') report.problem(where, `log ${log.id}`, made);
  else yield made;
  const root = above?.root ?? log.trace_id ?? log.trace_flow_id ?? log.trace_parent_id ?? log.id;
  for (const child of log.trace_children ?? []) yield* unfolded(carrying, where, child, { id: log.id, root });
  for (const judgment of log.evaluator_logs ?? []) yield* unfolded(carrying, where, judgment, { id: log.id, root });
}

function logOf({ versions, places, ours }: Carrying, log: ExportedLog, above: { id: string; root: string } | null): Unfolded | string {
  const kind = logKinds.find((each) => log[each] != null);
  const file = kind && log[kind];
  if (kind === undefined || !file) return 'It does not say of which file it is.';
  const version = versions.get(file.version_id);
  if (version === undefined) return `Its version ${file.version_id} is not in the export.`;
  const parent = log.trace_parent_id ?? above?.id ?? null;
  const root = above?.root ?? log.trace_id ?? log.trace_flow_id ?? null;
  // What somebody else says of itself under these names is nothing of ours.
  const own: Partial<ExportedLog> = ours === null ? {} : log;
  return {
    id: log.id,
    log: {
      id: log.id,
      kind,
      fileId: version.fileId,
      versionId: version.versionId,
      contentHash: version.contentHash,
      environmentId: places.find(log.environment ?? ''),
      origin: own.origin ?? 'import',
      createdAt: log.created_at ?? null,
      startTime: log.start_time ?? null,
      endTime: log.end_time ?? null,
      ...(own.status ? { status: own.status } : {}),
      logStatus: log.log_status ?? (ours === null && kind === 'flow' ? 'complete' : null),
      traceParentId: parent,
      runId: log.batches?.[0] ?? null,
      datapointId: log.source_datapoint_id ?? null,
      promptTokens: log.prompt_tokens ?? null,
      outputTokens: log.output_tokens ?? null,
      reasoningTokens: log.reasoning_tokens ?? null,
      promptCost: log.prompt_cost ?? null,
      outputCost: log.output_cost ?? null,
      finishReason: log.finish_reason ?? null,
      latencyMs: own.latency_ms ?? (log.provider_latency == null ? null : log.provider_latency * 1000),
      firstTokenMs: own.first_token_ms ?? null,
      cachedTokens: own.cached_tokens ?? null,
      estimated: own.estimated === true,
      model: own.model ?? null,
      provider: own.provider_name ?? null,
      session: own.session ?? null,
      unit: own.unit ?? null,
      referenceId: own.reference_id ?? null,
      counterfactualOf: own.counterfactual_of ?? null,
      keyId: own.key_id ?? null,
      experimentId: own.experiment_id ?? null,
      armId: own.arm_id ?? null,
      save: own.save !== false,
      textRepaired: own.text_repaired === true,
      user: log.user ?? null,
      source: log.source ?? null,
      metadata: log.metadata ?? null,
      inputs: log.inputs ?? null,
      messages: (log.messages ?? null) as ChatMessage[] | null,
      output: log.output ?? null,
      toolChoice: log.tool_choice ?? null,
      outputMessage: (log.output_message ?? null) as ChatMessage | null,
      error: log.error ?? null,
      stdout: log.stdout ?? null,
      providerRequest: log.provider_request ?? null,
      providerResponse: log.provider_response ?? null,
      trace: traceOf(log, parent, root),
      unseen: false,
      keep: true,
      late: own.late === true,
    },
  };
}

/** What says so itself is in the trace that it names; else the place in the export tells. */
function traceOf(log: ExportedLog, parent: string | null, root: string | null): BatchLog['trace'] {
  if (log.trace_id) return { root: log.trace_id };
  if (root !== null && root !== log.id) return { root };
  return parent === null ? null : { standIn: parent };
}

function judgmentOf({ versions, ours }: Carrying, log: ExportedLog, above: string | null): Unfolded | string {
  const logId = log.parent_id ?? above;
  if (logId === null) return 'It does not say which log it judges.';
  const version = versions.get(log.evaluator?.version_id ?? '');
  if (version === undefined) return `Its evaluator's version ${log.evaluator?.version_id ?? ''} is not in the export.`;
  const spec = (log.evaluator as { spec?: { evaluator_type?: unknown } } | null | undefined)?.spec?.evaluator_type;
  const own: Partial<ExportedLog> = ours === null ? {} : log;
  return {
    id: log.id,
    judgment: {
      keep: true,
      id: log.id,
      evaluatorId: version.fileId,
      evaluatorVersionId: version.versionId,
      logId,
      source: own.judgment_source ?? (spec === 'human' ? 'human' : spec === 'llm' ? 'llm' : spec === 'python' ? 'code' : 'external'),
      correction: isOfCorrection(log),
      judge: own.judge ?? log.user ?? null,
      reason: own.reason ?? null,
      keyId: own.key_id ?? null,
      value: log.judgment ?? null,
      error: log.error ?? null,
      createdAt: log.created_at ?? null,
      startTime: log.start_time ?? null,
      endTime: log.end_time ?? null,
      metadata: log.metadata ?? null,
      stdout: log.stdout ?? null,
      origin: own.origin ?? 'import',
    },
  };
}

/** Its edit is measured again, against the answer as it is here. Exports of ours say no type of the evaluator: only people say texts. */
function isOfCorrection({ evaluator, judgment_source: source, judgment }: ExportedLog): boolean {
  const { path, spec } = (evaluator ?? {}) as { path?: unknown; spec?: Partial<EvaluatorSpec> };
  if (typeof path !== 'string' || typeof judgment !== 'string') return false;
  if (spec == null && source !== 'human' && source !== 'user') return false;
  return isCorrection({ path, spec: { evaluator_type: 'human', return_type: 'text', ...spec } as EvaluatorSpec });
}

async function write(
  { logs, scope, report }: Carrying,
  found: readonly { where: string; log: BatchLog }[],
  judged: readonly { where: string; judgment: NewJudgment }[],
): Promise<void> {
  report.found('logs', found.length);
  report.found('judgments', judged.length);
  const recorded =
    found.length === 0
      ? []
      : await logs.recordMany(
          scope,
          found.map(({ log }) => log),
        );
  for (const [index, each] of recorded.entries()) {
    if ('refused' in each) report.problem(found[index]?.where ?? '', `log ${each.id}`, each.refused.message);
    else report.carried('logs');
  }
  await Promise.all(
    judged.map(async ({ where, judgment }) => {
      try {
        await logs.judge(scope, judgment);
        report.carried('judgments');
      } catch (error) {
        if (!(error instanceof AppError) || error.code === 'unavailable') throw error;
        report.problem(where, `judgment ${judgment.id ?? ''}`, error.message);
      }
    }),
  );
}
