import type { Query, Endpoints, ReportFormat, ReportSettings } from '@whetstone/contract';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

const types: Record<ReportFormat, { type: string; extension: string }> = {
  csv: { type: 'text/csv; charset=utf-8', extension: 'csv' },
  jsonl: { type: 'application/x-ndjson; charset=utf-8', extension: 'jsonl' },
  markdown: { type: 'text/markdown; charset=utf-8', extension: 'md' },
  junit: { type: 'application/xml; charset=utf-8', extension: 'xml' },
};

/** Reports of evaluations. */
export function reportHandlers({ reports, people }: Pick<Rooms, 'reports' | 'people'>): HandlersOf<'reports'> {
  /** People by name; keys by id. */
  const named = async (settings: ReportSettings): Promise<ReportSettings> => {
    if (settings.set_by === null) return settings;
    const names = await people.users.names([settings.set_by]);
    return { ...settings, set_by: names.get(settings.set_by)?.name ?? settings.set_by };
  };
  return {
    async 'reports.get'({ scope, params, query }) {
      const report = await reports.report(scope, params.id, askedOf(query));
      return { ...report, settings: await named(report.settings) };
    },
    async 'reports.set'({ scope, params, body }) {
      const { primary_evaluator_version_id: primary, margin, hard_rules: hardRules } = body;
      return named(await reports.settings(scope, params.id, { primary, margin, hardRules }));
    },
    'reports.cases': ({ scope, params, query }) =>
      reports.cases(scope, params.id, { ...query, runIds: query.run_id, slices: query.slice, datapointIds: query.datapoint_id }),
    'reports.slices': ({ scope, params, query }) => reports.slices(scope, params.id, { ...query, runId: query.run_id }),
    'reports.pairs': ({ scope, params, query }) =>
      reports.pairs(scope, params.id, { runIds: query.run_id ?? null, evaluator: query.evaluator ?? null }),
    async 'reports.export'({ scope, params, query, reply, signal }) {
      const { type, extension } = types[query.format];
      const pieces = reports.export(scope, params.id, { ...askedOf(query), format: query.format }, signal)[Symbol.asyncIterator]();
      // Errors have a status only while nothing was sent.
      let piece = await pieces.next();
      const out = reply.hijack().raw;
      out.writeHead(200, {
        'content-type': type,
        'content-disposition': `attachment; filename="report.${extension}"`,
        'cache-control': 'no-store',
      });
      for (; !piece.done && !signal.aborted; piece = await pieces.next()) {
        if (!out.write(piece.value)) await new Promise<void>((resolve) => void out.once('drain', resolve).once('close', resolve));
      }
      out.end();
      return reply;
    },
  };
}

function askedOf({ baseline, run_id, margin, primary }: Partial<Query<Endpoints['reports.get']>>) {
  return { baseline, runIds: run_id, margin, primary };
}
