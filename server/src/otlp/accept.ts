import { AppError, type OtelRule, type Scope } from '@whetstone/contract';
import type { BatchLog, NewLog } from '../logs/index.ts';
import { belonging, namedVersion, unitOf } from './belongs.ts';
import { LogIds, logIdOf, standInOf } from './ids.ts';
import type { Accepted, OtlpDeps } from './index.ts';
import { logOf, readSpan, type ReadSpan } from './log-of.ts';
import type { OpenTrace, OpenTraces } from './open-traces.ts';
import type { Target, Targets } from './targets.ts';
import type { Batch } from './wire/span.ts';

export interface AcceptParts {
  deps: OtlpDeps;
  traces: OpenTraces;
  targets: Targets;
  rules: (scope: Scope) => Promise<readonly OtelRule[]>;
  environmentId: (scope: Scope, name: string | null) => Promise<string | null>;
}

/** A span with all that its log needs but its place. */
interface Ready {
  read: ReadSpan;
  log: NewLog;
}
/** Written, or why not. */
type Outcome = { index: number; id: string } | { index: number; refused: string };

/**
 * Writes what a request holds: read each span, find its file and version, place it in its trace, and write all of it with
 * one flush. One bad span costs no other.
 */
export async function accept(parts: AcceptParts, scope: Scope, batch: Batch): Promise<Accepted> {
  const rules = await parts.rules(scope);
  const asked: Asked = { environments: new Map() };
  const ready = await Promise.all(batch.spans.map((span) => prepare(parts, scope, readSpan(span), rules, asked)));
  const standing: { index: number; each: Ready }[] = [];
  const linked: { index: number; each: Ready }[] = [];
  for (const [index, each] of ready.entries()) (isLinked(each.read) ? linked : standing).push({ index, each });
  const outcomes = await writeTrees(parts, scope, standing);
  // Parents first: these are placed by what is there.
  linked.sort((a, b) => (a.each.read.span.startMs ?? 0) - (b.each.read.span.startMs ?? 0));
  for (const { index, each } of linked) outcomes.push(await writeLinked(parts, scope, index, each));
  outcomes.sort((a, b) => a.index - b.index);
  return {
    records: outcomes.flatMap((outcome) => ('id' in outcome ? [outcome.id] : [])),
    refused: [...batch.refused, ...outcomes.flatMap((outcome) => ('refused' in outcome ? [outcome.refused] : []))],
  };
}

/** The application names a log of ours around this span, or the one that it finishes. */
function isLinked({ reading }: ReadSpan): boolean {
  return reading.logId != null || reading.parentLogId != null || reading.alone === true;
}

/** What the spans of a request ask for again and again. */
interface Asked {
  environments: Map<string | null, Promise<string | null>>;
}

async function prepare(parts: AcceptParts, scope: Scope, read: ReadSpan, rules: readonly OtelRule[], asked: Asked): Promise<Ready> {
  const log = logOf(scope, read);
  const known = (await namedVersion(parts.deps.files, scope, read)) ?? parts.targets.of(scope, read, rules);
  const target = known instanceof Promise ? await known : known;
  const name = environmentOf(read);
  const environmentId = asked.environments.get(name) ?? parts.environmentId(scope, name);
  asked.environments.set(name, environmentId);
  const placed = { ...log, ...target, environmentId: await environmentId, unit: unitOf(read, log.user) };
  const [cost, belongs] = await Promise.all([costOf(parts, scope, log), belonging(parts.deps, scope, placed)]);
  return { read, log: { ...placed, ...cost, ...belongs } };
}

async function costOf({ deps }: AcceptParts, scope: Scope, log: ReturnType<typeof logOf>): Promise<object> {
  const { model, provider, promptCost, outputCost } = log;
  if (log.kind !== 'prompt' || model == null || promptCost != null || outputCost != null) return {};
  return deps.prices.cost(scope, model, provider ?? null, {
    promptTokens: log.promptTokens ?? null,
    outputTokens: log.outputTokens ?? null,
    cachedTokens: log.cachedTokens ?? null,
    reasoningTokens: log.reasoningTokens ?? null,
  });
}

function environmentOf({ span }: ReadSpan): string | null {
  const name = span.resource.get('deployment.environment.name') ?? span.resource.get('deployment.environment');
  return typeof name === 'string' && name !== '' ? name : null;
}

async function writeTrees(parts: AcceptParts, scope: Scope, spans: readonly { index: number; each: Ready }[]): Promise<Outcome[]> {
  if (spans.length === 0) return [];
  const { deps, traces } = parts;
  const { workspaceId } = scope;
  const ids = new LogIds();
  const opened = spans.map(({ each }) => traces.touch(workspaceId, each.read.span.traceId, each.read.span.startMs));
  // Roots first, so that the others of the request know theirs.
  for (const [at, { each }] of spans.entries()) takeRoot(opened[at] as OpenTrace, each);
  const logs = spans.map(({ each }, at) => {
    const trace = opened[at] as OpenTrace;
    const log = inTree(trace, each, ids);
    // From here on it counts as written: who sends it at the same time looks, and finds it or writes the same.
    traces.addSpan(trace, each.read.span.spanId);
    return log;
  });
  const recorded = await deps.logs.recordMany(scope, logs);
  const touched = new Set<OpenTrace>();
  const outcomes = recorded.map((result, at): Outcome => {
    const { index, each } = spans[at] as (typeof spans)[number];
    const trace = opened[at] as OpenTrace;
    if ('refused' in result) {
      if (trace.root?.logId === result.id) trace.root = null;
      return { index, refused: `span ${each.read.span.spanId}: ${result.refused.message}` };
    }
    if (result.traceId === ids.standIn(trace.traceId)) trace.before.push(result.id);
    touched.add(trace);
    return { index, id: result.id };
  });
  for (const trace of touched) await bringTogether(parts, scope, trace);
  return outcomes;
}

/** The first span without a parent is the root; another one of the same trace is a child of it. */
function takeRoot(trace: OpenTrace, { read, log }: Ready): void {
  const { span } = read;
  if (span.parentId !== null || trace.root !== null || (trace.complete && trace.root === null)) return;
  trace.root = { spanId: span.spanId, logId: logIdOf(span.traceId, span.spanId), completes: log.kind === 'flow' };
}

function inTree(trace: OpenTrace, { read, log }: Ready, ids: LogIds): BatchLog {
  const { span } = read;
  const id = ids.of(span.traceId, span.spanId);
  const standIn = ids.standIn(span.traceId);
  const isRoot = trace.root?.spanId === span.spanId;
  // Whoever has no parent though he is not the root came second, or after the trace was closed without one.
  const around = trace.root?.logId ?? standIn;
  const parent = isRoot ? null : span.parentId === null ? around : ids.of(span.traceId, span.parentId);
  const unseen = trace.sure && !trace.spans.has(span.spanId);
  const closedWithout = trace.complete && trace.root === null;
  return {
    ...log,
    id,
    traceParentId: parent,
    logStatus: isRoot && log.kind === 'flow' ? 'incomplete' : null,
    trace: trace.root !== null ? { root: trace.root.logId } : closedWithout ? { root: standIn } : { standIn },
    unseen,
    late: trace.complete && !trace.spans.has(span.spanId),
  };
}

/** What came before the root moves into its trace. */
async function bringTogether({ deps }: AcceptParts, scope: Scope, trace: OpenTrace): Promise<void> {
  if (trace.root === null || trace.before.length === 0) return;
  const before = trace.before;
  trace.before = [];
  await deps.logs.moveToTrace(scope, before, standInOf(trace.traceId), trace.root.logId);
}

/** A span of an SDK of v5's, or one below a log of ours: placed by ids of logs, one after the other. */
async function writeLinked(parts: AcceptParts, scope: Scope, index: number, { read, log }: Ready): Promise<Outcome> {
  const { reading, span } = read;
  try {
    if (reading.logId != null) return { index, id: await finish(parts, scope, reading.logId, { read, log }) };
    const parent = span.parentId === null || reading.alone === true ? (reading.parentLogId ?? null) : logIdOf(span.traceId, span.parentId);
    const id = logIdOf(span.traceId, span.spanId);
    const record = await parts.deps.logs.record(scope, { ...log, id, traceParentId: parent, logStatus: reading.logStatus ?? null });
    return { index, id: record.id };
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    return { index, refused: `span ${span.spanId}: ${error.message}` };
  }
}

/** The log was made beforehand, under its own file and version; the span says how it ended. */
async function finish({ deps }: AcceptParts, scope: Scope, logId: string, { read, log }: Ready): Promise<string> {
  const made = await deps.logs.find(scope, logId);
  if (made !== null && made.kind !== log.kind) {
    throw new AppError('conflict', `The log \`${logId}\` is one of a ${made.kind}, and the span is of a ${log.kind}.`);
  }
  const place: Target | Record<string, never> =
    made === null ? {} : { fileId: made.fileId, versionId: made.versionId, contentHash: made.contentHash };
  const metadata = { ...made?.metadata, ...log.metadata };
  // What it belongs to was decided when it was made, by the version that it was made with.
  const belongs = made === null ? {} : { unit: made.unit ?? log.unit ?? null, experimentId: made.experimentId, armId: made.armId };
  const said = Object.fromEntries(
    Object.entries({ ...log, ...place, ...belongs, metadata }).filter(([, value]) => value !== null),
  ) as unknown as NewLog;
  const parent = read.reading.parentLogId ?? made?.traceParentId ?? null;
  const { id } = await deps.logs.record(scope, {
    ...said,
    id: logId,
    origin: made?.origin ?? 'otel',
    traceParentId: parent,
    logStatus: read.reading.logStatus ?? 'complete',
  });
  return id;
}
