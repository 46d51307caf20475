import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Whetstone as Sdk } from '../../sdk/src/index.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

/** The published client of the Model Context Protocol against `/mcp`. */
describe('Model Context Protocol', () => {
  let whetstone: Whetstone;
  let api: Sdk['api'];
  let client: Client;

  const connect = async (key: string): Promise<Client> => {
    const connected = new Client({ name: 'test', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(new URL(`${whetstone.url}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${key}` } },
    });
    await connected.connect(transport);
    return connected;
  };
  const answer = async (name: string, input: Record<string, unknown> = {}, by = client) => {
    const result = (await by.callTool({ name, arguments: input })) as { isError?: boolean; content: { text: string }[] };
    return { failed: result.isError === true, text: result.content[0]?.text ?? '' };
  };
  const use = async <T = Record<string, unknown>>(name: string, input: Record<string, unknown> = {}): Promise<T> => {
    const { failed, text } = await answer(name, input);
    if (failed) throw new Error(text);
    return JSON.parse(text) as T;
  };
  const keyWith = async (role: 'viewer' | 'gateway'): Promise<string> => {
    const made = await api.apiKeys.create({ name: `mcp ${role}`, role });
    return made.key ?? '';
  };

  beforeAll(async () => {
    whetstone = await startWhetstone();
    ({ api } = new Sdk({ apiKey: whetstone.apiKey, baseUrl: whetstone.url, logging: false }));
    await api.prompts.upsert({
      path: 'mcp/answer',
      model: 'demo-small',
      temperature: 0.2,
      template: [{ role: 'user', content: 'Answer {{question}}' }],
    });
    await api.prompts.call({ path: 'mcp/answer', inputs: { question: 'Where is my parcel?' }, user: 'u_mcp' });
    client = await connect(whetstone.apiKey);
  });
  afterAll(async () => {
    await client?.close();
    await whetstone?.close();
  });

  it('says what it is and lists tools with schemas, none of which deploys or deletes', async () => {
    expect(client.getServerVersion()).toMatchObject({ name: 'whetstone' });
    expect(client.getInstructions()).toContain('propose_version');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'search_files',
        'read_file',
        'diff_versions',
        'propose_version',
        'query_logs',
        'read_log',
        'read_trace',
        'evaluation_results',
      ]),
    );
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint !== true).map(({ name }) => name)).toEqual(['propose_version']);
    for (const { inputSchema } of tools) expect(inputSchema).toMatchObject({ type: 'object' });
    const search = tools.find(({ name }) => name === 'search_files');
    expect(Object.keys(search?.inputSchema.properties ?? {})).toContain('environment');
  });

  it('finds a file, reads it, proposes a version, and leaves what is deployed as it is', async () => {
    const found = await use<{ files: { path: string; version_id: string; deployed_to: string[] }[] }>('search_files', { path: 'mcp' });
    expect(found.files).toMatchObject([{ path: 'mcp/answer', type: 'prompt', deployed_to: ['production'] }]);
    const read = await use<{ text: string; version_id: string; variables: string[] }>('read_file', { path: 'mcp/answer' });
    expect(read).toMatchObject({ variables: ['question'], deployed_to: ['production'] });
    const text = read.text.replace('temperature: 0.2', 'temperature: 0.7');
    const proposed = await use<{ version_id: string; diff: string; changed_fields: string[] }>('propose_version', {
      path: 'mcp/answer',
      text,
      reason: 'Warmer',
      based_on: read.version_id,
    });
    expect(proposed).toMatchObject({
      deployed_to: [],
      version_description: 'Warmer',
      changed_fields: ['temperature'],
      compared_with: read.version_id,
    });
    expect(proposed.diff).toMatch(/-temperature: 0\.2\n\+temperature: 0\.7/);
    expect((await api.files.retrieveByPath({ path: 'mcp/answer' })).version_id).toBe(read.version_id);
    expect((await use('propose_version', { path: 'mcp/answer', text }))['saved']).toContain('nothing');
    const { versions } = await use<{ versions: { version_id: string }[] }>('list_versions', { path: 'mcp/answer' });
    expect(versions.map((version) => version.version_id)).toEqual([proposed.version_id, read.version_id]);
    const diff = await use('diff_versions', { path: 'mcp/answer', from: read.version_id, to: proposed.version_id });
    expect(diff).toMatchObject({ changed_fields: ['temperature'] });
  });

  it('makes a new prompt without deploying its first version', async () => {
    const made = await use('propose_version', { path: 'mcp/fresh', text: '---\nmodel: demo-small\n---\n<user>\n  Hello\n</user>\n' });
    expect(made).toMatchObject({ path: 'mcp/fresh', deployed_to: [] });
    const environments = await api.prompts.listEnvironments({ id: String(made['file_id']) });
    expect(environments.map((environment) => environment.file ?? null)).toEqual([null, null]);
  });

  it('queries logs by the filter language, reads one, its trace, and figures', async () => {
    const { logs } = await eventually('the log', async () => {
      const found = await use<{ logs: { id: string }[] }>('query_logs', { filter: 'file:mcp/answer user:u_mcp' });
      return found.logs.length === 1 && found;
    });
    const id = logs[0]?.id ?? '';
    const log = await use('read_log', { id });
    expect(log).toMatchObject({ path: 'mcp/answer', inputs: { question: 'Where is my parcel?' }, user: 'u_mcp', status: 'ok' });
    expect(log['output']).toBeTruthy();
    expect(await use('read_trace', { id })).toMatchObject({ logs: [{ id }] });
    const figures = await use<{ groups: { count: number[] }[] }>('log_figures', { buckets: 1, filter: 'file:mcp/answer' });
    expect(figures.groups[0]?.count.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await use('log_values')).toHaveProperty('facets');
  });

  it('shortens what is long, and gives it whole when asked', async () => {
    const long = 'word '.repeat(4000);
    const { id } = await api.prompts.log({ path: 'mcp/answer', messages: [], output: long });
    expect(String((await use('read_log', { id }))['output'])).toMatch(/^word [\s\S]{3900,4200}$/);
    expect((await use('read_log', { id, whole_texts: true }))['output']).toBe(long);
  });

  it('lists evaluations and datapoints', async () => {
    const dataset = await api.datasets.upsert({ path: 'mcp/cases', datapoints: [{ inputs: { question: 'Why?' } }] });
    expect(await use('list_datapoints', { id: dataset.id })).toMatchObject({ total: 1, records: [{ inputs: { question: 'Why?' } }] });
    expect(await use('list_evaluations')).toMatchObject({ evaluations: [], total: 0 });
  });

  it('answers what is wrong in words that a model can act on', async () => {
    expect(await answer('read_file', { path: 'mcp/none' })).toMatchObject({ failed: true, text: expect.stringContaining('mcp/none') });
    expect(await answer('read_file', {})).toMatchObject({ failed: true, text: 'body.path: field required' });
    expect(await answer('query_logs', { filter: 'status:(' })).toMatchObject({ failed: true });
    expect(await answer('propose_version', { path: 'mcp/bad', text: 'no front matter' })).toMatchObject({
      failed: true,
      text: expect.stringContaining('line 1'),
    });
    expect(await answer('evaluation_results', { id: 'evr_none' })).toMatchObject({ failed: true });
    await expect(client.callTool({ name: 'drop_tables', arguments: {} })).rejects.toThrow('There is no tool');
  });

  it('shows and allows each key what its role may', async () => {
    const viewer = await connect(await keyWith('viewer'));
    expect((await viewer.listTools()).tools.map(({ name }) => name)).not.toContain('propose_version');
    expect(await answer('propose_version', { path: 'mcp/answer', text: '---\nmodel: x\n---\n' }, viewer)).toMatchObject({
      failed: true,
      text: expect.stringContaining('`viewer` may not'),
    });
    expect((await answer('search_files', {}, viewer)).failed).toBe(false);
    const gateway = await connect(await keyWith('gateway'));
    const names = (await gateway.listTools()).tools.map(({ name }) => name);
    expect(names).toContain('read_file');
    expect(names).not.toContain('query_logs');
    expect(await answer('query_logs', {}, gateway)).toMatchObject({ failed: true });
    await Promise.all([viewer.close(), gateway.close()]);
  });

  it('401 without a key, 405 for what it does not have, 4xx for what is no message', async () => {
    const post = (body: unknown, headers: Record<string, string> = {}) =>
      send(whetstone.url, '/mcp', { method: 'POST', body, headers: { accept: 'application/json, text/event-stream', ...headers } });
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    const unknown = await post(ping);
    expect(unknown).toMatchObject({ status: 401 });
    expect(unknown.headers['www-authenticate']).toContain('Bearer');
    expect((await post(ping, { cookie: 'session=x' })).status).toBe(401);
    const key = { 'x-api-key': whetstone.apiKey };
    expect((await post(ping, key)).json()).toMatchObject({ id: 1, result: {} });
    expect((await post('{"jsonrpc":', key)).json()).toMatchObject({ error: { code: -32700 } });
    expect((await post({ hello: 'there' }, key)).status).toBe(400);
    expect((await post([], key)).status).toBeLessThan(500);
    for (const method of ['GET', 'DELETE']) expect((await send(whetstone.url, '/mcp', { method, headers: key })).status).toBe(405);
  });

  it('serves the documentation as Markdown, as resources, and names it in llms.txt', async () => {
    const page = await send(whetstone.url, '/docs/sdk.md');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toContain('text/markdown');
    expect(page.text).toMatch(/^# The SDK/);
    const index = await send(whetstone.url, '/llms.txt');
    for (const [, link] of index.text.matchAll(/\]\((\/docs\/[^)]+)\)/g)) expect((await send(whetstone.url, link ?? '')).status).toBe(200);
    expect(index.text).toContain('/mcp');
    for (const path of ['/docs/none.md', '/docs/../package.json', '/docs/%2e%2e/package.json', '/docs/..%2fpackage.json'])
      expect((await send(whetstone.url, path)).status).toBe(404);
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toContain('whetstone://docs/mcp.md');
    const read = (await client.readResource({ uri: 'whetstone://docs/logs.md' })) as { contents: { text: string }[] };
    expect(read.contents[0]?.text).toMatch(/^# Logs/);
  });
});
