import { type Endpoint, endpoints } from '@whetstone/contract';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { operations, shape, violation } from './v5-contract.ts';

const ours = new Map((Object.values(endpoints) as Endpoint[]).map((endpoint) => [`${endpoint.method} ${shape(endpoint.path)}`, endpoint]));

/** Served beside the table: it takes bodies of any type. */
const ownDoors = new Set(['POST /import/otel/v1/traces']);

/** The document of the v5 contract, which every answer of a server under test is held against (`check-answers.ts`). */
describe('the v5 contract', () => {
  it('has no operation that the table of endpoints lacks', () => {
    expect(operations.length).toBeGreaterThan(110);
    const missing = operations
      .filter(({ method, path }) => !ours.has(`${method} ${shape(path)}`))
      .map(({ method, path }) => `${method} ${path}`);
    expect(missing.filter((name) => !ownDoors.has(name))).toEqual([]);
  });

  it('has the same status of success', () => {
    const wrong = operations.flatMap(({ method, path, success }) => {
      const endpoint = ours.get(`${method} ${shape(path)}`);
      const status = String(endpoint?.status ?? (endpoint?.output === null ? 204 : 200));
      return endpoint === undefined || success.includes(status) ? [] : [`${method} ${path}: ${status}, not ${success.join(' or ')}`];
    });
    expect(wrong).toEqual([]);
  });

  const json = 'application/json; charset=utf-8';
  const environment = { id: 'env_1', name: 'production', tag: 'default', created_at: '2026-01-01T00:00:00.000Z' };

  it.each<[string, unknown, RegExp | null]>([
    ['a right answer', [environment], null],
    ['additional keys', [{ ...environment, protected: true, file: null }], null],
    ['a missing key', [{ ...environment, id: undefined }], /required property 'id'/],
    ['a wrong type', [{ ...environment, name: 7 }], /must be string/],
    ['a date without a time', [{ ...environment, created_at: '2026-01-01' }], /date-time/],
    ['a value outside an enumeration', [{ ...environment, tag: 'best' }], /allowed values/],
    ['a file without what tells it apart', [{ ...environment, file: { id: 'pr_1' } }], /file|anyOf/],
  ])('%s is seen as such', (_what, body, expected) => {
    const problem = violation('GET', '/prompts/:id/environments', 200, json, JSON.stringify(body));
    if (expected === null) expect(problem).toBeNull();
    else expect(problem).toMatch(expected);
  });

  it('a server under test says which of its answers do not keep to it', () => {
    const program = `
      import fastify from 'fastify';
      const server = fastify();
      server.get('/v5/prompts/:id', async ({ params }) => (params.id === 'none' ? { detail: 'x' } : { id: params.id }));
      await server.register(async (part) => void part.get('/directories', async () => []), { prefix: '/v5' });
      for (const url of ['/v5/prompts/one', '/v5/directories', '/v5/nowhere']) await server.inject(url);`;
    const preload = new URL('check-answers.ts', import.meta.url).href;
    const { stderr } = spawnSync(process.execPath, ['--import', preload, '--input-type=module', '-e', program], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    });
    const said = stderr.split('\n').filter((line) => line.startsWith('{"contract"'));
    expect(said.map((line) => (JSON.parse(line) as { contract: string }).contract)).toEqual([
      expect.stringMatching(/^GET \/v5\/prompts\/:id 200: .*required/),
    ]);
  });

  it('errors are held against it too', () => {
    const of = (status: number, body: unknown) => violation('GET', '/prompts/:id', status, json, JSON.stringify(body));
    expect(of(422, { detail: [{ loc: ['query', 'x'], msg: 'm', type: 't' }] })).toBeNull();
    expect(of(422, { detail: 'text' })).toMatch(/array/);
    expect(of(404, { detail: 'no' })).toBeNull();
    expect(of(404, { message: 'no' })).toMatch(/no detail/);
    expect(of(202, {})).toMatch(/202 is none/);
    expect(violation('GET', '/not-of-v5', 200, json, '{}')).toBeNull();
  });
});
