import type { AddressInfo } from 'node:net';
import { AppError, type Scope } from '@whetstone/contract';
import fastify from 'fastify';
import { openHouse, type House } from '../../gateway/test/house.ts';
import type { LogsDeps, StoredLog } from '../../logs/index.ts';
import { registerOtlp } from '../http.ts';
import { createOtlp, type Otlp, type OtlpDeps } from '../index.ts';
import { standInOf, logIdOf } from '../ids.ts';
import { jsonOfGroups, protobufOfGroups, type Group } from './spans.ts';

export interface OtlpHouse {
  house: House;
  otlp: Otlp;
  scope: Scope;
  /** Its clock; a test may set it on. */
  clock: { now: number };
  url: string;
  send(body: Buffer | string, headers?: Record<string, string>): Promise<Response>;
  /** As JSON, through the door; the answer as parsed. */
  take(groups: readonly Group[]): Promise<{ partialSuccess?: { rejectedSpans: string; errorMessage: string }; records: string[] }>;
  logOf(traceId: string, spanId: string): Promise<StoredLog>;
  findLog(traceId: string, spanId: string): Promise<StoredLog | null>;
  reopen(more?: Partial<OtlpDeps>): Promise<void>;
  close(): Promise<void>;
}

export const maxBodyBytes = 4 << 20;

/** The room on real stores, with its door on a port. The role of the caller is what the header `x-role` says. */
export async function openOtlp(faults: NonNullable<LogsDeps['faults']> = {}): Promise<OtlpHouse> {
  const house = await openHouse({}, faults);
  await house.files.prepareWorkspace(house.scope.workspaceId);
  const clock = { now: Date.now() };
  const create = (more: Partial<OtlpDeps> = {}): Otlp =>
    createOtlp({
      storage: house.storage,
      files: house.files,
      experiments: { join: () => null },
      logs: house.logs,
      prices: house.gateway.prices,
      maxBodyBytes,
      replicated: false,
      now: () => clock.now,
      ...more,
    });
  const server = fastify({ bodyLimit: maxBodyBytes });
  const room: OtlpHouse = {
    house,
    otlp: create(),
    scope: house.scope,
    clock,
    url: '',
    send: (body, headers = {}) => fetch(`${room.url}/v1/traces`, { method: 'POST', body: body as string, headers }),
    async take(groups) {
      const response = await fetch(`${room.url}/v5/import/otel/v1/traces`, { method: 'POST', body: JSON.stringify(jsonOfGroups(groups)) });
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
      return (await response.json()) as Awaited<ReturnType<OtlpHouse['take']>>;
    },
    findLog: (traceId, spanId) => house.logs.find(house.scope, logIdOf(traceId, spanId)),
    async logOf(traceId, spanId) {
      const log = await room.findLog(traceId, spanId);
      if (log === null) throw new Error(`there is no log of the span ${spanId}`);
      return log;
    },
    async reopen(more = {}) {
      await room.otlp.close();
      room.otlp = create(more);
    },
    async close() {
      await room.otlp.close();
      await server.close();
      await house.close();
    },
  };
  await server.register(async (part) =>
    registerOtlp(part, {
      otlp: { ...room.otlp, accept: (scope, request) => room.otlp.accept(scope, request) },
      authenticate: async (request) => scopeAs(house.scope, request.headers['x-role']),
      toAppError: (error) => (error instanceof AppError ? error : appErrorOf(error)),
    }),
  );
  await server.listen({ port: 0, host: '127.0.0.1' });
  room.url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  return room;
}

function scopeAs(scope: Scope, role: unknown): Scope {
  if (role === 'nobody') throw new AppError('unauthenticated', 'No API key was sent.');
  if (typeof role !== 'string') return scope;
  return { ...scope, actor: { type: 'key', id: 'key_test', name: 'test', role: role as 'viewer', environment: null } };
}

/** As the server's own map does it. */
function appErrorOf(error: unknown): AppError {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  return status === 413
    ? new AppError('too_large', 'The request body is larger than this server accepts.')
    : new AppError('internal', String(error));
}

export { logIdOf, standInOf, protobufOfGroups };
