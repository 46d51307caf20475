import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { AppError, type Scope, systemScope } from '@whetstone/contract';
import fastify, { type FastifyInstance } from 'fastify';
import { createFiles, type FileGuard, type Files } from '../../files/index.ts';
import { createLogs, type Logs, type LogsDeps, type StoredLog } from '../../logs/index.ts';
import { createOutbound, type Outbound } from '../../outbound/index.ts';
import type { UsableCredential } from '../../people/index.ts';
import type { Storage } from '../../storage/index.ts';
import { openTestStorage } from '../../test/storage.ts';
import { fakeAws, type FakeProvider, type Received, startFakeProvider } from '../../fake-provider/index.ts';
import type { Behaviour } from '../../fake-provider/behaviour.ts';
import { createGateway, type Gateway, type GatewayDeps } from '../index.ts';
import { registerGateway } from '../http.ts';

/** The rooms below on real stores, a fake provider, and the gateway's door on a port. Credentials are held in memory. */
export interface House {
  storage: Storage;
  files: Files;
  logs: Logs;
  outbound: Outbound;
  gateway: Gateway;
  fake: FakeProvider;
  url: string;
  scope: Scope;
  server: FastifyInstance;
  credentials: UsableCredential[];
  /** What rooms above refuse to see deleted. */
  guards: FileGuard[];
  /** Decides how the fake misbehaves, before names and headers do. */
  behave: (behave: ((received: Received) => Partial<Behaviour> | null) | null) => void;
  request(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The log of an answer. */
  logOf(response: Response): Promise<StoredLog>;
  /** All logs of the workspace, newest first. */
  allLogs(): Promise<StoredLog[]>;
  close(): Promise<void>;
}

export const key = 'test-key';

export function credential(provider: string, baseUrl: string | null, more: Partial<UsableCredential> = {}): UsableCredential {
  return {
    id: `cred_${provider}`,
    name: provider,
    provider,
    baseUrl,
    settings: {},
    hint: '…cret',
    source: 'operator',
    createdAt: null,
    lastUsedAt: null,
    secret: `secret-of-${provider}`,
    privateAllowed: true,
    ...more,
  };
}

/** @param faults where the intake breaks */
export async function openHouse(options: Partial<GatewayDeps> = {}, faults: NonNullable<LogsDeps['faults']> = {}): Promise<House> {
  const storage = await openTestStorage();
  const audit = { record: async () => undefined };
  const guards: FileGuard[] = [];
  const files = await createFiles({ storage, guards, audit, clock: () => new Date(), randomBytes });
  const logs = createLogs({ storage, settings: () => ({ redaction: [] }), faults });
  const outbound = createOutbound({ allowPrivate: false, connectTimeoutMs: 500 });
  let behave: ((received: Received) => Partial<Behaviour> | null) | null = null;
  const fake = await startFakeProvider({ behave: (received) => behave?.(received) ?? null });
  const credentials = [
    credential('openai', `${fake.url}/v1`),
    credential('anthropic', fake.url),
    credential('google', `${fake.url}/v1beta`),
    credential('groq', `${fake.url}/openai/v1`),
    credential('mistral', `${fake.url}/mistral`),
    credential('cohere', `${fake.url}/cohere`),
    credential('azure', `${fake.url}/azure`, { settings: { deployment: 'our-gpt' } }),
    credential('bedrock', fake.url, {
      secret: fakeAws.secretAccessKey,
      settings: { region: 'eu-west-1', access_key_id: fakeAws.accessKeyId },
    }),
  ];
  const find = (wanted: (each: UsableCredential) => boolean) => credentials.find(wanted) ?? null;
  const gateway = await createGateway({
    storage,
    audit,
    files,
    logs,
    outbound,
    credentials: {
      list: async () => credentials,
      resolve: async (_scope, name) => find((each) => each.name === name) ?? find((each) => each.provider === name),
      resolveById: async (_scope, id) => find((each) => each.id === id),
    },
    demoSpeed: Infinity,
    random: () => 0.5,
    limits: { retryDelayMs: 1, ...options.limits },
    ...Object.fromEntries(Object.entries(options).filter(([name]) => name !== 'limits')),
  });
  const scope = systemScope('ws_test', 'test');
  await files.prepareWorkspace(scope.workspaceId);
  const server = fastify();
  await server.register(async (part) =>
    registerGateway(part, {
      gateway,
      authenticate: async (request) => {
        if (request.headers.authorization === `Bearer ${key}`) return scope;
        throw new AppError('unauthenticated', 'This API key is unknown, revoked or expired.');
      },
    }),
  );
  await server.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const found = async (id: string): Promise<StoredLog> => {
    const log = await logs.find(scope, id);
    if (log === null) throw new Error(`There is no log ${id}.`);
    return log;
  };
  return {
    storage,
    files,
    logs,
    outbound,
    gateway,
    fake,
    url,
    scope,
    server,
    credentials,
    guards,
    behave: (next) => (behave = next),
    request: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    logOf: async (response) => found(response.headers.get('x-whetstone-log-id') ?? ''),
    allLogs: async () => {
      const { records } = await logs.list(scope, {}, { page: 1, size: 100, payload: true, count: false });
      return records;
    },
    close: async () => {
      server.server.closeAllConnections();
      await server.close();
      await gateway.close();
      await fake.close();
      await outbound.close();
      await logs.close();
      await files.close();
      await storage.close();
    },
  };
}

/** The data of an event stream. */
export async function readEvents(response: Response): Promise<string[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data:'))
    .map((event) => event.slice(5).trim());
}

export function chat(content: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: 'gpt-4o-mini', messages: [{ role: 'user', content }], ...more };
}
