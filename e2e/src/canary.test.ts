import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Endpoint, endpoints } from '@whetstone/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { owner, startWhetstone, type Whetstone } from './whetstone.ts';

/** Unique secrets, and whatever the server says and keeps while it is driven through success and failure. */
const canaries = {
  stored: 'canary-stored-credential-7f3a91',
  operator: 'canary-operator-credential-c2d804',
  caller: 'canary-caller-credential-51be60',
  guess: 'canary-wrong-password-e94477',
};
const said: string[] = [];
/** What is shown once, on purpose, in the answer that makes it. */
const shownOnce = new Map<string, string>();

let server: Whetstone;

async function ask(
  method: string,
  path: string,
  options: { body?: unknown; raw?: string; headers?: Record<string, string> } = {},
): Promise<string> {
  const body = options.raw ?? (options.body === undefined ? null : JSON.stringify(options.body));
  const response = await fetch(server.url + path, {
    method,
    headers: { 'x-api-key': server.apiKey, ...(body === null ? {} : { 'content-type': 'application/json' }), ...options.headers },
    body,
  });
  const text = `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`;
  said.push(`${method} ${path} -> ${text}`);
  return text;
}

function keep(name: string, text: string, field: string): void {
  const value = new RegExp(`"${field}":"([^"]+)"`).exec(text)?.[1];
  expect(value, `${name} was made`).toBeDefined();
  shownOnce.set(name, value ?? '');
  said.pop();
}

function secrets(): string[] {
  return [...Object.values(canaries), ...shownOnce.values(), server.apiKey, owner.password];
}

function found(where: string, text: string | Buffer): string[] {
  return secrets()
    .filter((secret) => text.includes(secret))
    .map((secret) => `${where}: ${secret}`);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('T6, F26: secrets stay where they are', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    server = await startWhetstone({
      // Nothing listens on port 9: every call to this provider fails.
      env: { WHETSTONE_LOG_LEVEL: 'trace', OPENAI_API_KEY: canaries.operator, OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' },
    });
    await ask('POST', '/v5/credentials', { body: { name: 'mine', provider: 'mistral', secret: canaries.stored } });
    await ask('POST', '/v5/credentials', { body: { name: 'mine', provider: 'mistral', secret: canaries.stored } });
    await ask('POST', '/v5/credentials', { body: { name: 'no such', provider: '', secret: [canaries.stored] } });
    keep('key', await ask('POST', '/v5/api-keys', { body: { name: 'for canaries', role: 'editor' } }), 'key');
    keep(
      'webhook',
      await ask('POST', '/v5/webhooks', { body: { url: 'https://hooks.example.com/x', events: ['version.created'] } }),
      'secret',
    );
    const messages = [{ role: 'user', content: 'hello' }];
    await ask('POST', '/v1/chat/completions', { body: { model: 'gpt-4o', messages } });
    await ask('POST', '/v1/chat/completions', { body: { model: 'gpt-4o', messages, stream: true } });
    await ask('POST', '/v1/chat/completions', {
      body: { model: 'demo-small', messages, api_key: canaries.caller, extra_headers: { 'x-k': canaries.caller } },
    });
    const prompt = { model: 'gpt-4o', template: messages };
    await ask('POST', '/v5/prompts/call', { body: { path: 'a/prompt', prompt, provider_api_keys: { openai: canaries.caller } } });
    await ask('POST', '/v5/prompts/call', {
      body: { path: 'a/prompt', prompt, provider_api_keys: { openai: canaries.caller }, stream: true },
    });
    await ask('GET', '/v5/logs', { headers: { 'x-api-key': canaries.guess } });
    await ask('GET', '/v1/models', { headers: { 'x-api-key': '', authorization: `Bearer ${canaries.guess}` } });
    await ask('POST', '/v5/prompts', { raw: '{"path": "cut off' });
    const signIn = { headers: { origin: server.url } };
    await ask('POST', '/api/auth/sign-in/email', { ...signIn, body: { email: owner.email, password: canaries.guess } });
    await ask('POST', '/api/auth/sign-in/email', { ...signIn, body: { email: [owner.email], password: canaries.guess } });
    await ask('POST', '/api/auth/sign-in/email', { ...signIn, body: { email: owner.email, password: owner.password } });
  }, 120_000);
  afterAll(() => server.close());

  it('no answer has one, of success or of failure', async () => {
    const reads = Object.values(endpoints as Record<string, Endpoint>).filter(
      ({ method, path }) => method === 'GET' && !path.includes('{') && path !== '/logs/events',
    );
    expect(reads.length).toBeGreaterThan(15);
    for (const { path } of reads) await ask('GET', `/v5${path}`);
    for (const path of ['/v5/logs/export?format=csv', '/metrics', '/readyz', '/healthz', '/openapi.json', '/v1/models'])
      await ask('GET', path);
    const { records } = JSON.parse((await ask('GET', '/v5/logs?size=50')).replace(/^\d+ \[.*?\]\] /, '')) as { records: { id: string }[] };
    expect(records.length).toBeGreaterThan(3);
    for (const { id } of records) await ask('GET', `/v5/logs/${id}`);
    expect(said.length).toBeGreaterThan(40);
    expect(said.flatMap((text) => found(text.slice(0, 200), text))).toEqual([]);
  });

  it('the log of the server has none, at its most talkative', () => {
    expect(found('stderr', server.stderr())).toEqual([]);
  });

  it('the disk has none in the open', async () => {
    await server.kill('SIGTERM');
    const files = filesBelow(server.dataDir);
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((file) => found(relative(server.dataDir, file), readFileSync(file)))).toEqual([]);
  });
});
