import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, type ImportEvent } from '@whetstone/contract';
import type { FastifyReply } from 'fastify';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';
import { toAppError } from '../errors.ts';

/** What an export may have, packed. */
const mostBytes = 64 * 2 ** 30;
const progressMs = 200;

export function exchangeHandlers(rooms: Rooms): HandlersOf<'imports' | 'exports'> {
  return {
    async 'imports.run'({ scope, params, query, request, reply, signal }) {
      const { body } = request;
      if (!(body instanceof Readable))
        throw new AppError('unsupported_media_type', 'Send the packed directory with `content-type: application/zip`.');
      const folder = await temporary(rooms.config.dataDir);
      try {
        const path = join(folder, 'import.zip');
        await pipeline(body, bounded(), createWriteStream(path, { mode: 0o600 }), { signal });
        const say = lines(reply);
        let saidAt = Number.NEGATIVE_INFINITY;
        const report = await rooms.exchange.import(scope, params.source, path, {
          dryRun: query.dry_run === true,
          to: query.to ?? null,
          signal,
          onProgress: (progress) => {
            if (performance.now() - saidAt < progressMs) return;
            saidAt = performance.now();
            say({ type: 'progress', ...progress });
          },
        });
        if (query.dry_run !== true)
          await rooms.people.audit.record(scope, { action: 'workspace.imported', data: { from: params.source, counts: report.counts } });
        say({ type: 'report', report });
      } catch (error) {
        // Before anything was said the answer still has a status.
        if (!reply.raw.headersSent) throw error;
        reply.raw.write(`${JSON.stringify({ type: 'error', message: toAppError(error, rooms.log).message })}\n`);
      } finally {
        await rm(folder, { recursive: true, force: true });
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

async function temporary(dataDir: string): Promise<string> {
  const all = join(dataDir, 'tmp');
  await mkdir(all, { recursive: true, mode: 0o700 });
  return mkdtemp(join(all, 'import-'));
}

function bounded(): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > mostBytes) done(new AppError('too_large', `The file has more than ${mostBytes / 2 ** 30} GB.`));
      else done(null, chunk);
    },
  });
}
