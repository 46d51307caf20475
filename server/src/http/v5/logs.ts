import { AppError, type LogListQuery, notFound, origins, type Scope, type Valence } from '@whetstone/contract';
import type { Snapshot } from '../../files/index.ts';
import type { LogFilter, LogKind, LogState, StoredLog } from '../../logs/index.ts';
import type { HandlersOf } from './call.ts';
import { csvLine, csvHeader } from './csv.ts';
import type { Rooms } from './handlers.ts';
import { readLogFilter } from './log-filter-names.ts';

type FilterQuery = Omit<
  LogListQuery,
  'page' | 'size' | 'summary' | 'include_parent' | 'include_trace_children' | 'sample' | 'before' | 'count' | 'sort'
>;

export function logHandlers(rooms: Rooms): Omit<HandlersOf<'logs'>, 'logs.batch'> {
  const { logs } = rooms;
  return {
    async 'logs.list'({ scope, query }) {
      const filter = await logFilter(rooms, scope, query);
      const payload = query.summary !== true;
      const page = {
        page: query.page,
        size: query.size,
        payload,
        count: query.count !== false,
        before: query.before ?? null,
        sort: query.sort ?? null,
        sample: query.sample ?? null,
      };
      const evaluator = await onlyEvaluator(rooms, scope, filter);
      if (evaluator !== null) {
        const { records, total } = await logs.judgments(scope, filter, page);
        return {
          records: await Promise.all(records.map((judgment) => rooms.presentLogs.judgment(scope, judgment))),
          page: query.page,
          size: query.size,
          total,
        };
      }
      const { records, total } = await logs.list(scope, filter, page);
      const descendants = query.include_trace_children === true ? await descendantsOf(rooms, scope, records) : [];
      return { records: await rooms.presentLogs.logs(scope, records, { descendants }), page: query.page, size: query.size, total };
    },
    async 'logs.get'({ scope, params }) {
      // Asked for together: each question costs the log store some milliseconds, however small it is.
      const judgments = logs.judgmentsOf(scope, [params.id]);
      const environments = rooms.files.environments.list(scope);
      for (const asked of [judgments, environments]) asked.catch(() => undefined);
      const log = await logs.find(scope, params.id);
      if (log === null) {
        const judgment = await logs.findJudgment(scope, params.id);
        if (judgment === null) throw notFound('Log', params.id);
        return rooms.presentLogs.judgment(scope, judgment);
      }
      const [presented] = await rooms.presentLogs.logs(scope, [log], {
        judgments,
        environments,
        descendants: await descendantsOf(rooms, scope, [log]),
      });
      return presented as NonNullable<typeof presented>;
    },
    async 'logs.trace'({ scope, params }) {
      const log = await logs.find(scope, params.id);
      if (log === null) throw notFound('Log', params.id);
      const all = await logs.trace(scope, log.traceId ?? log.id);
      const records = all.length === 0 ? [log] : all;
      return { root_id: log.traceId ?? log.id, records: await rooms.presentLogs.logs(scope, records) };
    },
    async 'logs.delete'({ scope, query }) {
      await logs.delete(scope, query.id);
      await rooms.feedback.deleteLogs(scope, query.id);
    },
    async 'logs.delete_user'({ scope, params }) {
      const deleted = await logs.deleteUser(scope, params.user);
      await rooms.feedback.deleteUser(scope, params.user);
      await rooms.gateway.forgetUser(scope, params.user);
      await rooms.people.audit.record(scope, {
        action: 'end_user.deleted',
        target: { type: 'end_user', id: params.user, name: params.user },
        data: { deleted },
      });
      return { deleted };
    },
    async 'logs.series'({ scope, query }) {
      const series = await logs.series(scope, await logFilter(rooms, scope, query), { buckets: query.buckets, groupBy: query.group_by });
      return {
        bucket_seconds: series.bucketSeconds,
        start: series.start.toISOString(),
        end: series.end.toISOString(),
        groups: series.groups.map((group) => ({
          key: group.key,
          count: group.count,
          errors: group.errors,
          cost_usd: group.costUsd,
          latency_p50_ms: group.p50Ms,
          latency_p95_ms: group.p95Ms,
          tokens: group.tokens,
        })),
      };
    },
    async 'logs.facets'({ scope, query }) {
      const facets = await logs.facets(scope, await logFilter(rooms, scope, query));
      const labels = await facetLabels(rooms, scope, facets);
      return {
        facets: Object.fromEntries(
          Object.entries(facets).map(([name, values]) => [
            name,
            values.map(({ value, count }) => ({ value, label: labels.get(value) ?? null, count })),
          ]),
        ),
      };
    },
    async 'logs.judgments'({ scope, query }) {
      const evaluators = await evaluatorsWithOptions(rooms, scope);
      const counts = await logs.judgmentCounts(
        scope,
        query.file_id,
        evaluators.map(({ id }) => id),
      );
      return {
        evaluators,
        counts: counts.map(({ versionId, evaluatorId, value, n }) => ({
          version_id: versionId,
          evaluator_id: evaluatorId,
          value,
          count: n,
        })),
      };
    },
    async 'logs.export'({ scope, query, reply, signal }) {
      const filter = await logFilter(rooms, scope, query);
      const csv = query.format === 'csv';
      const out = reply.hijack().raw;
      out.writeHead(200, {
        'content-type': csv ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
        'content-disposition': `attachment; filename="logs.${query.format}"`,
        'cache-control': 'no-store',
      });
      if (csv) out.write(csvHeader());
      for await (const log of logs.export(scope, filter, signal)) {
        const [presented] = await rooms.presentLogs.logs(scope, [log]);
        const line = csv ? csvLine(presented as Record<string, unknown>) : `${JSON.stringify(presented)}\n`;
        if (!out.write(line)) await new Promise<void>((resolve) => void out.once('drain', resolve).once('close', resolve));
      }
      out.end();
      return reply;
    },
    async 'logs.events'({ scope, reply, signal: gone, stopping }) {
      const signal = AbortSignal.any([gone, stopping]);
      const out = reply.hijack().raw;
      out.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' });
      out.write(': connected\n\n');
      let arrived = 0;
      const stop = rooms.logs.onRecorded((by) => {
        if (by.workspaceId === scope.workspaceId) arrived += 1;
      });
      let quiet = 0;
      const timer = setInterval(() => {
        quiet += 1;
        if (arrived > 0) out.write(`event: logs\ndata: ${JSON.stringify({ count: arrived })}\n\n`);
        else if (quiet % 20 === 0) out.write(': still here\n\n');
        arrived = 0;
      }, 1000);
      await new Promise<void>((resolve) =>
        signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      clearInterval(timer);
      stop();
      out.end();
      return reply;
    },
  };
}

/** v5 lists an evaluator's logs by its file id; they are judgments. */
async function onlyEvaluator(rooms: Rooms, scope: Scope, filter: LogFilter): Promise<string | null> {
  const [fileId, ...others] = filter.fileIds ?? [];
  if (fileId === undefined || others.length > 0) return null;
  const file = await rooms.files.find(scope, null, { id: fileId });
  if (file === null) throw notFound('File', fileId);
  return file.kind === 'evaluator' ? fileId : null;
}

async function descendantsOf(rooms: Rooms, scope: Scope, logs: StoredLog[]): Promise<StoredLog[]> {
  const traces = new Set(
    logs.flatMap((log) => (log.kind === 'flow' || log.kind === 'agent' || log.traceId !== null ? [log.traceId ?? log.id] : [])),
  );
  if (traces.size === 0) return [];
  const found = await rooms.logs.traces(scope, [...traces], { payload: true });
  const all = new Map([...found.values()].flat().map((log) => [log.id, log]));
  return [...all.values()];
}

/** A query's filters as the logs room takes them; names of environments and states are checked here. */
export async function logFilter(rooms: Rooms, scope: Scope, query: Partial<FilterQuery>): Promise<LogFilter> {
  const inTrace = query.in_trace_filter ?? [];
  const filter: LogFilter = {
    ...someOf('kinds', oneOf('kind', query.kind, logKinds)),
    ...someOf('fileIds', query.file_id),
    ...someOf('versionIds', query.version_id),
    ...someOf('ids', query.id),
    ...someOf('statuses', oneOf('status', query.status, states)),
    ...someOf('models', query.model),
    ...someOf('users', query.user),
    ...someOf('sessions', query.session),
    ...someOf('origins', oneOf('origin', query.origin, origins)),
    traceId: query.trace_id ?? null,
    counterfactualOf: query.counterfactual_of ?? null,
    search: query.search ?? null,
    metadataSearch: query.metadata_search ?? null,
    from: query.start_date == null ? null : new Date(query.start_date),
    to: query.end_date == null ? null : new Date(query.end_date),
    inTrace: inTrace.length === 1 ? (inTrace[0] ?? null) : null,
  };
  if (query.environment?.length) {
    filter.environmentIds = await Promise.all(
      query.environment.map(async (name) => (await rooms.files.environments.byName(scope, name)).id),
    );
  }
  if (query.filter != null && query.filter.trim() !== '') filter.expression = await readLogFilter(rooms, scope, query.filter);
  return withoutEmptyLists(filter);
}

/** To the logs room an empty list means none of them; an absent parameter restricts nothing. */
function withoutEmptyLists(filter: LogFilter): LogFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
}

const logKinds = ['prompt', 'tool', 'flow', 'agent'] as const satisfies readonly LogKind[];
const states = ['ok', 'error', 'cancelled', 'incomplete'] as const satisfies readonly LogState[];

/** A filter that is not there leaves everything in. */
function someOf<K extends string, T>(name: K, values: readonly T[] | null | undefined): { [P in K]?: readonly T[] } {
  return (values?.length ? { [name]: values } : {}) as { [P in K]?: readonly T[] };
}

function oneOf<T extends string>(name: string, values: readonly string[] | null | undefined, allowed: readonly T[]): readonly T[] {
  const unknown = values?.find((value) => !(allowed as readonly string[]).includes(value));
  if (unknown !== undefined) throw new AppError('invalid_input', `${name}: \`${unknown}\` is none of ${allowed.join(', ')}.`);
  return (values ?? []) as readonly T[];
}

/** Evaluators that choose among a few values, with whether each is good. Yes is good unless somebody said otherwise. */
async function evaluatorsWithOptions(
  rooms: Rooms,
  scope: Scope,
): Promise<{ id: string; path: string; options: { name: string; valence: Valence }[] }[]> {
  const { records } = await rooms.files.list(scope, { kinds: ['evaluator'], page: 1, size: 100 });
  return records.flatMap((snapshot) => {
    if (snapshot.kind !== 'evaluator') return [];
    const { return_type: type, options } = (snapshot as Snapshot<'evaluator'>).version.kernel.spec;
    const yesNo = [
      { name: 'true', valence: 'positive' as const },
      { name: 'false', valence: 'negative' as const },
    ];
    if (type !== 'boolean' && type !== 'select' && type !== 'multi_select') return [];
    const named = (options ?? []).map(({ name, valence }) => ({ name, valence: valence ?? ('neutral' as const) }));
    return [{ id: snapshot.file.id, path: snapshot.file.path, options: type === 'boolean' ? yesNo : named }];
  });
}

async function facetLabels(rooms: Rooms, scope: Scope, facets: Record<string, { value: string }[]>): Promise<Map<string, string>> {
  const labels = new Map<string, string>();
  const versions = [...(facets['version'] ?? [])].map(({ value }) => value);
  const fileIds = [...(facets['file'] ?? [])].map(({ value }) => value);
  const [environments, snapshots, files] = await Promise.all([
    rooms.files.environments.list(scope),
    rooms.files.versionsById(scope, versions),
    Promise.all(fileIds.map((id) => rooms.files.find(scope, null, { id }))),
  ]);
  for (const environment of environments) labels.set(environment.id, environment.name);
  for (const [id, snapshot] of snapshots)
    labels.set(id, snapshot.version.name ?? `${snapshot.file.name} ${snapshot.version.contentHash.slice(0, 7)}`);
  for (const file of files) if (file !== null) labels.set(file.file.id, file.file.path);
  return labels;
}
