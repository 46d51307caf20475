import { Readable } from 'node:stream';
import { AppError, type DatasetResponse, type EndpointName, type Scope } from '@whetstone/contract';
import type { Snapshot } from '../../files/index.ts';
import type { FastifyRequest } from 'fastify';
import type { Handlers } from './call.ts';
import type { Rooms } from './handlers.ts';
import { logFilter } from './logs.ts';

type Own = Extract<
  EndpointName,
  | 'datasets.edit'
  | 'datasets.changes'
  | 'datasets.add_from_logs'
  | 'datasets.preview_import'
  | 'datasets.import'
  | 'datasets.duplicates'
  | 'datasets.generate'
>;

const skippedTold = 100;
const membersShown = 20;

/** Datasets made better by hand, from logs and files, and by a model. */
export function curationHandlers(rooms: Rooms): Handlers<Own> {
  const { files, curation } = rooms;
  const present = async (scope: Scope, snapshot: Snapshot): Promise<DatasetResponse> =>
    (await rooms.presentFiles(scope, [snapshot]))[0] as DatasetResponse;
  /** The version that is newest, where none is named: what is edited is what was saved last, deployed or not. */
  const newest = async (scope: Scope, id: string): Promise<Snapshot<'dataset'>> => {
    const [snapshot] = await files.versions(scope, 'dataset', id);
    return snapshot ?? files.get(scope, 'dataset', { id });
  };
  const versionOf = (scope: Scope, id: string, versionId?: string | null): Promise<Snapshot<'dataset'>> =>
    versionId == null ? newest(scope, id) : files.get(scope, 'dataset', { id }, { versionId });
  return {
    async 'datasets.edit'({ scope, params, body }) {
      const base = await versionOf(scope, params.id, body.base_version_id);
      const renamed = await curation.changeColumns(scope, base.version.id, body.columns, [
        ...body.removed,
        ...body.changed.map(({ id }) => id),
      ]);
      const { snapshot, createdVersion } = await files.datasets.edit(scope, {
        fileId: params.id,
        baseVersionId: base.version.id,
        expectedVersionId: body.expected_version_id,
        removed: body.removed,
        changed: [...body.changed, ...renamed],
        added: body.added,
        versionName: body.version_name,
        versionDescription: body.version_description,
      });
      return { dataset: await present(scope, snapshot), created: createdVersion };
    },
    async 'datasets.changes'({ scope, params, query }) {
      const [from, to] = await Promise.all([versionOf(scope, params.id, query.from), versionOf(scope, params.id, query.to)]);
      const { page, size } = query;
      const changes = await curation.compare(scope, from.version.id, to.version.id, { kind: query.kind ?? null, page, size });
      return { from: from.version.id, to: to.version.id, ...changes, page, size };
    },
    async 'datasets.add_from_logs'({ scope, params, body, signal }) {
      if (body.log_ids == null && body.filter == null && body.file_id == null)
        throw new AppError('invalid_input', 'Name the logs by `log_ids`, or say which by `filter` or `file_id`.');
      const dataset = await newest(scope, params.id);
      const filter = await logFilter(rooms, scope, {
        ...(body.log_ids == null ? {} : { id: body.log_ids }),
        ...(body.file_id == null ? {} : { file_id: [body.file_id] }),
        filter: body.filter,
        start_date: body.start_date,
        end_date: body.end_date,
      });
      const ref = body.correction == null ? null : body.correction.startsWith('ev_') ? { id: body.correction } : { path: body.correction };
      const made = await curation.addFromLogs(
        scope,
        dataset,
        filter,
        {
          limit: body.limit,
          target: body.target,
          correctionBy: ref === null ? null : (await files.get(scope, 'evaluator', ref)).file.id,
          targetKey: body.target_key,
          tags: body.tags ?? [],
          split: body.split ?? null,
          named: body.log_ids ?? null,
          versionName: body.version_name ?? null,
          versionDescription: body.version_description ?? null,
        },
        signal,
      );
      return {
        dataset: await present(scope, made.snapshot),
        created: made.createdVersion,
        logs: made.logs,
        added: made.added,
        already_there: made.alreadyThere,
        skipped: made.skipped.slice(0, skippedTold).map(({ logId, reason }) => ({ log_id: logId, reason })),
        skipped_total: made.skipped.length,
      };
    },
    async 'datasets.preview_import'({ query, request }) {
      const { format, mapping, partial } = query;
      const preview = await curation.previewImport(bodyOf(request), { format, mapping: mapping ?? {}, partial: partial === true });
      const { columns, datapoints, rows, problems, missingTargets } = preview;
      return { columns, datapoints, rows, problems, missing_targets: missingTargets };
    },
    async 'datasets.import'({ scope, params, query, request }) {
      // Before megabytes are read for nothing.
      const before = await newest(scope, params.id);
      const { format, mapping } = query;
      const read = await curation.readImport(bodyOf(request), { format, mapping: mapping ?? {}, skipBad: query.skip_bad === true });
      const tags = (query.tags ?? '').split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()]));
      const datapoints = read.datapoints.map((datapoint) => ({
        ...datapoint,
        split: datapoint.split ?? query.split ?? null,
        tags: [...(datapoint.tags ?? []), ...tags],
      }));
      const { snapshot, createdVersion } = await files.datasets.upsert(scope, {
        id: params.id,
        datapoints,
        action: query.action,
        base: { versionId: before.version.id },
        versionName: query.version_name,
        versionDescription: query.version_description,
      });
      const count = snapshot.version.kernel.datapoints_count ?? 0;
      const added = query.action === 'set' ? count : count - (before.version.kernel.datapoints_count ?? 0);
      return {
        dataset: await present(scope, snapshot),
        created: createdVersion,
        rows: read.rows,
        added,
        already_there: datapoints.length - added,
        missing_targets: read.missingTargets,
        problems: read.problems,
        problems_total: read.problemsTotal,
      };
    },
    async 'datasets.duplicates'({ scope, params, query }) {
      const { threshold, page, size } = query;
      const at = { versionId: query.version_id, environment: query.environment };
      const { version } = await files.get(scope, 'dataset', { id: params.id }, at);
      const { groups, datapoints } = await curation.duplicates(scope, version.id, threshold);
      const shown = groups.slice((page - 1) * size, page * size);
      const ids = shown.flatMap(({ members }) => members.slice(0, membersShown).map(({ id }) => id));
      const found = await files.datasets.datapointsById(scope, ids);
      const surplus = (kind: 'exact' | 'near'): string[] =>
        groups.filter((group) => group.kind === kind).flatMap(({ members }) => members.slice(1).map(({ id }) => id));
      return {
        version_id: version.id,
        threshold,
        datapoints,
        exact_groups: groups.filter(({ kind }) => kind === 'exact').length,
        near_groups: groups.filter(({ kind }) => kind === 'near').length,
        surplus_exact: surplus('exact'),
        surplus_near: surplus('near'),
        groups: shown.map(({ kind, similarity, targetsDiffer, members }) => ({
          kind,
          similarity,
          targets_differ: targetsDiffer,
          members: members.slice(0, membersShown).flatMap(({ id, position, similarity: alike }) => {
            const datapoint = found.get(id);
            return datapoint === undefined ? [] : [{ position, datapoint, similarity: alike }];
          }),
          more: Math.max(0, members.length - membersShown),
        })),
        page,
        size,
        total: groups.length,
      };
    },
    async 'datasets.generate'({ scope, params, body, signal }) {
      const dataset = await versionOf(scope, params.id, body.version_id);
      const { model, n, instructions } = body;
      const wish = {
        model,
        provider: body.provider ?? null,
        n,
        instructions,
        like: body.like ?? null,
        inputs: body.inputs ?? null,
        target: body.target ?? null,
        temperature: body.temperature ?? null,
      };
      const { proposals, leftOut, unreadable, logId, costUsd } = await curation.generate(scope, dataset, wish, signal);
      return { proposals, left_out: leftOut, unreadable, log_id: logId, cost_usd: costUsd };
    },
  };
}

function bodyOf({ body }: FastifyRequest): Readable {
  if (body instanceof Readable) return body;
  throw new AppError('unsupported_media_type', 'Send the file as the body, with `content-type: text/csv` or `application/x-ndjson`.');
}
