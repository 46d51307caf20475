import type { Query, Endpoints, ReportFormat } from '@whetstone/contract';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

const types: Record<ReportFormat, { type: string; extension: string }> = {
  csv: { type: 'text/csv; charset=utf-8', extension: 'csv' },
  jsonl: { type: 'application/x-ndjson; charset=utf-8', extension: 'jsonl' },
  markdown: { type: 'text/markdown; charset=utf-8', extension: 'md' },
  junit: { type: 'application/xml; charset=utf-8', extension: 'xml' },
};

/** Reports of evaluations. */
export function reportHandlers({ reports }: Pick<Rooms, 'reports'>): HandlersOf<'reports'> {
  return {
    'reports.get': ({ scope, params, query }) => reports.report(scope, params.id, askedOf(query)),
    'reports.set': ({ scope, params, body }) =>
      reports.settings(scope, params.id, {
        primary: body.primary_evaluator_version_id,
        margin: body.margin,
        hardRules: body.hard_rules,
      }),
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
