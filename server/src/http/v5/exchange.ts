import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, type ImportEvent, type Scope } from '@whetstone/contract';
import type { FastifyReply } from 'fastify';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';
import { ImportUploads, type Upload } from './import-uploads.ts';
import { toAppError } from '../errors.ts';

const progressMs = 200;

export function exchangeHandlers(rooms: Rooms): HandlersOf<'imports' | 'exports'> {
  const uploads = new ImportUploads(rooms.config.dataDir);
  return {
    async 'imports.run'({ scope, params, query, request, reply, signal }) {
      const upload = await received(uploads, scope, query.upload ?? null, request.body, signal);
      let kept: string | null = null;
      try {
        const say = lines(reply);
        let saidAt = Number.NEGATIVE_INFINITY;
        const report = await rooms.exchange.import(scope, params.source, upload.path, {
          dryRun: query.dry_run === true,
          to: query.to ?? null,
          newIds: query.new_ids === true,
          signal,
          onProgress: (progress) => {
            if (performance.now() - saidAt < progressMs) return;
            saidAt = performance.now();
            say({ type: 'progress', ...progress });
          },
        });
        if (query.dry_run !== true)
          await rooms.people.audit.record(scope, { action: 'workspace.imported', data: { from: params.source, counts: report.counts } });
        if (query.keep === true && !signal.aborted) kept = uploads.keep(scope.workspaceId, upload);
        say({ type: 'report', report, ...(kept === null ? {} : { upload: kept }) });
      } catch (error) {
        // Before anything was said the answer still has a status.
        if (!reply.raw.headersSent) throw error;
        const { message, data } = toAppError(error, rooms.log);
        const code = typeof data?.['code'] === 'string' ? { code: data['code'] } : {};
        reply.raw.write(`${JSON.stringify({ type: 'error', message, ...code } satisfies ImportEvent)}\n`);
      } finally {
        if (kept === null) await upload.remove();
      }
      reply.raw.end();
      return reply;
    },
    async 'exports.humanloop'({ scope, reply, signal: gone, stopping }) {
      await rooms.people.audit.record(scope, { action: 'workspace.exported' });
      const { files, zip } = await rooms.exchange.export(scope, AbortSignal.any([gone, stopping]));
      const out = reply.hijack().raw;
      out.writeHead(200, {
        'content-type': 'application/zip',
        'content-disposition': 'attachment; filename="whetstone.zip"',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-whetstone-files': String(files),
      });
      // An export that fails on the way ends without a directory at its end: whoever reads it sees that it is cut off.
      await pipeline(zip, out).catch((error: unknown) => {
        if (!gone.aborted) rooms.log.warn({ err: error }, 'an export was cut off');
      });
      return reply;
    },
  };
}

/** Writes the head of the answer when there is a first thing to say. */
function lines(reply: FastifyReply): (event: ImportEvent) => void {
  return (event) => {
    if (!reply.sent) {
      reply.hijack().raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    }
    reply.raw.write(`${JSON.stringify(event)}\n`);
  };
}

/** What comes with the request, or what is kept of an earlier one. */
function received(uploads: ImportUploads, scope: Scope, name: string | null, body: unknown, signal: AbortSignal): Promise<Upload> | Upload {
  if (name !== null) return uploads.take(scope.workspaceId, name);
  if (body instanceof Readable) return uploads.receive(body, signal);
  throw new AppError('unsupported_media_type', 'Send the packed directory with `content-type: application/zip`.');
}
