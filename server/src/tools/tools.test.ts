import { createSandbox } from '@whetstone/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { credential } from '../gateway/test/house.ts';
import { createOutbound } from '../outbound/index.ts';
import { openVault } from '../people/index.ts';
import { silent } from '../test/storage.ts';
import { openToolHouse, type ToolHouse } from './test/house.ts';

const probing = createSandbox({ log: silent });
const { python } = await probing.probe();
const noPython = python.walls === 'disabled' ? python.why : null;

let house: ToolHouse;
beforeAll(async () => {
  house = await openToolHouse();
});
afterAll(() => house?.close());
beforeEach(() => house.fake.reset());

const parsed = (text: string | null): unknown => JSON.parse(text ?? 'null');
const json = (text: string | null) => parsed(text) as Record<string, string> & { headers: Record<string, string> };

describe('a tool that is called', () => {
  it('answers a snippet by its key, and names the keys when there is none', async () => {
    const tool = await house.save('snippets/tone', {
      tool_type: 'snippet',
      setup_values: { snippets: [{ key: 'kind', value: 'Be kind.' }] },
    });
    expect(await house.run(tool, { key: 'kind' })).toMatchObject({ output: 'Be kind.', error: null, status: 'ok' });
    await expect(house.run(tool, { key: 'rude' })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('`kind`'),
    });
    await expect(house.run(tool)).rejects.toMatchObject({ details: [{ loc: ['body', 'inputs', 'key'] }] });
  });

  it('answers a mock with its inputs filled in, JSON as it is, or the error it is told', async () => {
    const say = await house.save('mocks/say', { tool_type: 'mock', setup_values: { output: 'Sunny in {{city}}' } });
    expect(say.inputs).toEqual(['city']);
    expect((await house.run(say, { city: 'Oslo' })).output).toBe('Sunny in Oslo');
    const rows = await house.save('mocks/rows', { tool_type: 'mock', setup_values: { output: [{ id: 1 }] } });
    expect((await house.run(rows)).output).toBe('[{"id":1}]');
    const fail = await house.save('mocks/fail', { tool_type: 'mock', setup_values: { error: 'No {{what}} today' } });
    const result = await house.run(fail, { what: 'bread' });
    expect(result).toMatchObject({ output: null, error: 'No bread today', status: 'error' });
    expect(await house.log(result)).toMatchObject({ kind: 'tool', status: 'error', error: 'No bread today', inputs: { what: 'bread' } });
  });

  it.each([
    ['json_schema', { function: { name: 'f', description: '' } }, 'your application runs it'],
    ['none', {}, 'has nothing to run'],
  ])('refuses what it cannot run, and says who does (%s)', async (name, kernel, words) => {
    const tool = await house.save(`unrun/${name}`, kernel);
    expect(house.tools.runs(tool)).toBe(false);
    await expect(house.run(tool)).rejects.toMatchObject({ code: 'bad_request', message: expect.stringContaining(words) });
  });

  describe.skipIf(noPython !== null)(`Python${noPython === null ? '' : ` (skipped: ${noPython})`}`, () => {
    const code = (source: string, name?: string) => ({
      tool_type: 'python' as const,
      source_code: source,
      ...(name === undefined ? {} : { function: { name, description: '' } }),
    });

    it('runs the function that the tool declares, with the inputs by name', async () => {
      const source =
        'import statistics\ndef mean(numbers, digits=1):\n    print("of", len(numbers))\n    return round(statistics.mean(numbers), digits)\n\ndef other():\n    return "no"';
      const tool = await house.save('python/mean', code(source, 'mean'));
      expect(house.tools.runs(tool)).toBe(true);
      const result = await house.run(tool, { numbers: [1, 2, 4] });
      expect(result).toMatchObject({ output: '2.3', error: null, status: 'ok' });
      expect(await house.log(result)).toMatchObject({ output: '2.3', stdout: 'of 3\n', inputs: { numbers: [1, 2, 4] } });
    });

    it('answers text as it is and anything else as JSON', async () => {
      const text = await house.save('python/text', code('def f(name): return f"Hello {name}"'));
      expect((await house.run(text, { name: 'Ada' })).output).toBe('Hello Ada');
      const rows = await house.save('python/rows', code('def f(): return [{"id": 1}, None]'));
      expect((await house.run(rows)).output).toBe('[{"id":1},null]');
    });

    it('logs what went wrong with its line', async () => {
      const tool = await house.save('python/fails', code('def f(x):\n    return 1 / x'));
      expect(await house.run(tool, { x: 0 })).toMatchObject({
        output: null,
        status: 'error',
        error: 'ZeroDivisionError: division by zero (line 2)',
      });
      expect((await house.run(tool, { y: 0 })).error).toContain("unexpected keyword argument 'y'");
    });

    it('reaches neither files nor the network', async () => {
      const source =
        'def f(path):\n    try:\n        return open(path).read()\n    except Exception as e:\n        import socket\n        return socket.gethostname()';
      const tool = await house.save('python/reach', code(source));
      expect((await house.run(tool, { path: '/etc/passwd' })).error).toContain("No module named 'socket'");
    });

    it('is a request that cannot be met where this machine has no Python', async () => {
      const without = createSandbox({ log: silent, python: '/nowhere/python' });
      const tools = house.with({ sandbox: without });
      const tool = await house.save('python/nowhere', code('def f(): return 1'));
      await without.probe();
      expect(tools.runs(tool)).toBe(false);
      const call = { tool, environmentId: null, inputs: {}, log: { origin: 'api' as const } };
      await expect(tools.call(house.scope, call, new AbortController().signal)).rejects.toMatchObject({
        code: 'bad_request',
        message: expect.stringContaining('there is no /nowhere/python'),
      });
      await without.close();
    });
  });

  it('leaves one log with its parent, its times and what the caller said of it', async () => {
    const tool = await house.save('mocks/logged', { tool_type: 'mock', setup_values: { output: 'x' } });
    const parent = await house.logs.record(house.scope, {
      kind: 'flow',
      fileId: 'fl_1',
      versionId: 'flv_1',
      origin: 'api',
      logStatus: 'incomplete',
    });
    const result = await house.run(tool, { a: 1 }, { log: { origin: 'api', traceParentId: parent.id, user: 'u_1', metadata: { k: 'v' } } });
    const log = await house.log(result);
    expect(log).toMatchObject({
      fileId: tool.file.id,
      versionId: tool.version.id,
      traceParentId: parent.id,
      traceId: parent.id,
      user: 'u_1',
      metadata: { k: 'v' },
      inputs: { a: 1 },
      output: 'x',
      status: 'ok',
    });
    expect(log.startTime?.getTime()).toBeLessThanOrEqual(log.endTime?.getTime() ?? 0);
  });

  it('runs once for one log id, whether the retry comes later or at the same time', async () => {
    const tool = await house.save('http/once', {
      tool_type: 'get_api_call',
      setup_values: { url: `${house.fake.url}/echo/once`, method: 'POST' },
    });
    const call = () => house.run(tool, { n: 1 }, { log: { origin: 'api', id: 'log_of_a_retry' } });
    const [first, second] = await Promise.all([call(), call()]);
    const third = await call();
    expect([first, second, third].filter(({ repeated }) => repeated)).toHaveLength(2);
    expect(new Set([first.output, second.output, third.output]).size).toBe(1);
    expect(house.fake.received).toHaveLength(1);
    const other = await house.save('mocks/other', { tool_type: 'mock', setup_values: { output: 'x' } });
    await expect(house.run(other, {}, { log: { origin: 'api', id: 'log_of_a_retry' } })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('keeps no payload with `save: false`, and answers all the same', async () => {
    const tool = await house.save('mocks/unsaved', { tool_type: 'mock', setup_values: { output: 'secret {{name}}' } });
    const result = await house.run(tool, { name: 'Ada' }, { log: { origin: 'api', save: false } });
    expect(result.output).toBe('secret Ada');
    expect(await house.log(result)).toMatchObject({ output: null, inputs: null, payload: 'dropped', status: 'ok' });
  });

  it('is logged as cancelled when the caller goes away', async () => {
    const tool = await house.save('http/slow', { tool_type: 'get_api_call', setup_values: { url: 'http://127.0.0.1:9/never' } });
    const gone = new AbortController();
    gone.abort();
    const result = await house.run(tool, {}, {}, gone.signal);
    expect(result.status).toBe('cancelled');
    expect((await house.log(result)).status).toBe('cancelled');
  });

  it('makes a refusal the result of an agent that calls it, with a log', async () => {
    const tool = await house.save('unrun/logged', {});
    const result = await house.run(tool, {}, { refusals: 'log' });
    expect(result).toMatchObject({ output: null, status: 'error', error: expect.stringContaining('has nothing to run') });
    expect((await house.log(result)).error).toBe(result.error);
  });
});

describe('a tool that makes an HTTP call', () => {
  const save = (name: string, setup_values: Record<string, unknown>) =>
    house.save(`http/${name}`, { tool_type: 'get_api_call', setup_values });

  it('fills inputs into the address, the query, the headers and the body', async () => {
    const tool = await save('all', {
      url: `${house.fake.url}/echo/orders/{{order}}`,
      method: 'POST',
      query: { lang: '{{lang}}' },
      headers: { 'X-Trace': 't-{{order}}' },
      body: { note: 'for {{name}}', amount: '{{amount}}', items: ['{{order}}'] },
    });
    expect(tool.inputs).toEqual(['order', 'lang', 'name', 'amount']);
    const { output } = await house.run(tool, { order: 'a/b?c', lang: 'nb', name: 'Ada "A"', amount: 12.5 });
    const got = json(output);
    expect(got.path).toBe('/echo/orders/a%2Fb%3Fc?lang=nb');
    expect(got.headers['x-trace']).toBe('t-a/b?c');
    expect(parsed(got['body'] ?? '')).toEqual({ note: 'for Ada "A"', amount: 12.5, items: ['a/b?c'] });
    expect(got.headers['content-type']).toBe('application/json');
  });

  it('sends inputs that nothing names as the query of a GET and the body of a POST', async () => {
    const get = await save('rest-get', { url: `${house.fake.url}/echo/find` });
    expect(json((await house.run(get, { q: 'tea & milk', n: 2 })).output).path).toBe('/echo/find?q=tea+%26+milk&n=2');
    const post = await save('rest-post', { url: `${house.fake.url}/echo/make`, method: 'post' });
    expect(parsed(json((await house.run(post, { q: 'tea' })).output)['body'] ?? '')).toEqual({ q: 'tea' });
  });

  it('tells the status and the words of an answer that is no success', async () => {
    const tool = await save('teapot', { url: `${house.fake.url}/echo/status/418` });
    const result = await house.run(tool);
    expect(result).toMatchObject({ output: null, status: 'error', error: expect.stringMatching(/answered 418: .*as asked: 418/) });
    expect(await house.log(result)).toMatchObject({ providerResponse: { status: 418 }, providerRequest: { method: 'GET' } });
  });

  it('names what is missing or wrong before anything is sent', async () => {
    const cases: [Record<string, unknown>, Record<string, string>, string][] = [
      [{}, {}, 'setup_values.url'],
      [{ url: `${house.fake.url}/echo/{{order}}` }, {}, '`order`'],
      [{ url: `${house.fake.url}/echo/{{order}}` }, { order: '..' }, 'step up'],
      [{ url: `${house.fake.url}/echo`, method: 'TRACE' }, {}, 'one of GET'],
      [{ url: `${house.fake.url}/echo`, headers: { Host: 'evil' } }, {}, 'Host'],
      [{ url: `${house.fake.url}/echo`, headers: { 'X-A': '{{a}}' } }, { a: 'x\r\nY: z' }, 'header `X-A`'],
      [{ url: 'ftp://example.com/' }, {}, 'only http and https'],
      [{ url: `${house.fake.url}/echo`, headers: { authorization: 'Bearer {{env.TOKEN}}' } }, {}, '`TOKEN`'],
    ];
    for (const [index, [setup, inputs, words]] of cases.entries()) {
      const tool = await save(`wrong-${index}`, setup);
      await expect(house.run(tool, inputs)).rejects.toThrow(words);
    }
    expect(house.fake.received).toEqual([]);
  });

  it('reaches no private address by itself or by a name (T1)', async () => {
    const guarded = createOutbound({ allowPrivate: false, resolve: (_name, found) => found(null, [{ address: '127.0.0.1', family: 4 }]) });
    const tools = house.with({ outbound: guarded });
    const call = async (url: string) => {
      const tool = await save(`private-${url.length}`, { url });
      return tools.call(house.scope, { tool, environmentId: null, inputs: {}, log: { origin: 'api' } }, new AbortController().signal);
    };
    await expect(call(`${house.fake.url}/echo`)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(call('http://169.254.169.254/latest/meta-data')).rejects.toMatchObject({ code: 'invalid_input' });
    expect(await call(`http://rebound.example:${new URL(house.fake.url).port}/echo`)).toMatchObject({ status: 'error', output: null });
    expect(house.fake.received).toEqual([]);
    await guarded.close();
  });

  it('sends a credential to its own origin only, and shows it nowhere', async () => {
    house.credentials.push(credential('crm', house.fake.url, { name: 'crm', secret: 'crm-secret-1234' }));
    const tool = await save('credential', { url: `${house.fake.url}/echo/crm`, credential: 'crm' });
    const result = await house.run(tool);
    expect(house.fake.received[0]?.headers['authorization']).toBe('Bearer crm-secret-1234');
    expect(JSON.stringify([result, await house.log(result)])).not.toContain('crm-secret');
    const elsewhere = await save('credential-elsewhere', { url: 'https://evil.example/', credential: 'crm' });
    await expect(house.run(elsewhere)).rejects.toThrow('is kept for');
    const anywhere = await save('credential-anywhere', { url: '{{url}}', credential: 'crm' });
    await expect(house.run(anywhere, { url: house.fake.url })).rejects.toThrow('its inputs decide');
  });
});

describe('environment variables', () => {
  it('are sealed, shown by their last characters, and used where they were given for', async () => {
    const setup = { url: `${house.fake.url}/echo/v1`, headers: { authorization: 'Token {{env.API_TOKEN}}' } };
    const tool = await house.save('vars/first', { tool_type: 'get_api_call', setup_values: setup });
    const { id } = tool.file;
    const listed = await house.tools.variables.set(house.scope, id, [{ name: 'API_TOKEN', value: 'tok-0123456789abcd' }]);
    expect(listed).toMatchObject([{ name: 'API_TOKEN', hint: 'abcd' }]);
    const { rows } = await house.storage.executeSql<{ text: string }>('SELECT row_to_json(v)::text AS text FROM tool_variables v');
    expect(rows.map(({ text }) => text).join()).not.toContain('tok-0123');
    const result = await house.run(tool);
    expect(house.fake.received[0]?.headers['authorization']).toBe('Token tok-0123456789abcd');
    // The service echoed it.
    expect(result.output).toContain('Token [API_TOKEN]');
    expect(JSON.stringify([result, await house.log(result), house.audited])).not.toContain('tok-0123');
  });

  it('are not sent along a redirect', async () => {
    const kernel = (headers: Record<string, string>) => ({
      tool_type: 'get_api_call' as const,
      setup_values: { url: `${house.fake.url}/echo/redirect`, headers },
    });
    const open = await house.save('vars/redirect-open', kernel({}));
    expect(json((await house.run(open)).output).path).toBe('/echo/after');
    const secret = await house.save('vars/redirect', kernel({ 'x-key': '{{env.KEY}}' }));
    await house.tools.variables.set(house.scope, secret.file.id, [{ name: 'KEY', value: 'sesame-sesame' }]);
    house.fake.reset();
    expect(await house.run(secret)).toMatchObject({ status: 'error', error: expect.stringContaining('redirects') });
    expect(house.fake.received.map(({ path }) => path)).toEqual(['/echo/redirect']);
  });

  it('are not sent where a later version points', async () => {
    const kernel = (url: string) => ({ tool_type: 'get_api_call' as const, setup_values: { url, headers: { 'x-key': '{{env.KEY}}' } } });
    const first = await house.save('vars/moved', kernel(`${house.fake.url}/echo`));
    await house.tools.variables.set(house.scope, first.file.id, [{ name: 'KEY', value: 'sesame-sesame' }]);
    const moved = await house.save('vars/moved', kernel('https://evil.example/'));
    await expect(house.run(moved)).rejects.toThrow('would send it to https://evil.example');
    await expect(house.run(await house.save('vars/moved', kernel('{{url}}')), { url: house.fake.url })).rejects.toThrow(
      'its inputs decide',
    );
    expect((await house.run(first)).status).toBe('ok');
  });

  it('stay as they are when a list is sent back as it came, change by name, and go', async () => {
    const tool = await house.save('vars/listed', {
      tool_type: 'get_api_call',
      setup_values: { url: `${house.fake.url}/echo`, headers: { k: '{{env.A}}{{env.B}}' } },
    });
    const { variables } = house.tools;
    const { id } = tool.file;
    await variables.set(house.scope, id, [
      { name: 'A', value: 'first-value-1234' },
      { name: 'B', value: 'short' },
    ]);
    await variables.set(house.scope, id, [
      { name: 'A', value: '••••1234' },
      { name: 'B', value: 'other' },
    ]);
    await house.run(tool);
    expect(house.fake.received[0]?.headers['k']).toBe('first-value-1234other');
    expect(await variables.list(house.scope, id)).toMatchObject([
      { name: 'A', hint: '1234' },
      { name: 'B', hint: '' },
    ]);
    await variables.delete(house.scope, id, 'B');
    expect((await variables.list(house.scope, id)).map(({ name }) => name)).toEqual(['A']);
    await expect(variables.delete(house.scope, id, 'B')).rejects.toMatchObject({ code: 'not_found' });
    await expect(variables.set(house.scope, id, [{ name: 'not a name', value: 'x' }])).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(variables.set(house.scope, 'tl_unknown', [])).rejects.toMatchObject({ code: 'not_found' });
    const elsewhere = { ...house.scope, workspaceId: 'ws_other' };
    await expect(variables.list(elsewhere, id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are sealed again under a new master key (T17), and go with their tool', async () => {
    const renewed = house.with({
      vault: await openVault({ storage: house.storage, secret: 'a new master key, long enough,a master key for tests', log: silent }),
    });
    expect(await renewed.rotateVariables()).toBeGreaterThan(0);
    expect(await renewed.rotateVariables()).toBe(0);
    const tool = await house.save('vars/gone', { tool_type: 'mock', setup_values: { output: 'x' } });
    await house.tools.variables.set(house.scope, tool.file.id, [{ name: 'A', value: 'x' }]);
    await house.files.delete(house.scope, 'tool', tool.file.id);
    const { rows } = await house.storage.executeSql(`SELECT name FROM tool_variables WHERE file_id = '${tool.file.id}'`);
    expect(rows).toEqual([]);
  });
});

describe('searches', () => {
  beforeAll(() => {
    const { url } = house.fake;
    house.credentials.push(
      credential('google_search', `${url}/customsearch/v1`, { secret: 'google-key-1234' }),
      credential('pinecone', url, { secret: 'pinecone-key-1234' }),
      credential('chroma', url, { secret: 'chroma-key-1234' }),
      credential('pinecone', url, { name: 'bad pinecone', secret: 'wrong-key' }),
    );
  });

  it('asks Google for results', async () => {
    const tool = await house.save('search/google', { tool_type: 'google', setup_values: { cx: 'engine-1', num: 2 } });
    expect(tool.inputs).toEqual(['query']);
    const result = await house.run(tool, { query: 'whetstones' });
    expect(parsed(result.output)).toEqual([
      { title: 'Result 1 about whetstones', link: 'https://example.com/1', snippet: 'What page 1 says about whetstones.' },
      { title: 'Result 2 about whetstones', link: 'https://example.com/2', snippet: 'What page 2 says about whetstones.' },
    ]);
    expect(house.fake.received[0]?.path).toBe('/customsearch/v1?key=google-key-1234&cx=engine-1&q=whetstones&num=2');
    expect(JSON.stringify(await house.log(result))).not.toContain('google-key');
    expect((await house.run(tool, { query: 'nothing' })).output).toBe('[]');
  });

  it('asks Pinecone with a vector, or with what a model makes of the words, which is logged below it', async () => {
    const tool = await house.save('search/pinecone', {
      tool_type: 'pinecone_search',
      setup_values: { host: house.fake.url, namespace: 'docs', top_k: 2, embedding_model: 'text-embedding-3-small' },
    });
    const result = await house.run(tool, { query: 'how to sharpen' });
    expect(parsed(result.output)).toEqual([
      { id: 'vec1', score: 0.9, metadata: { text: 'Passage 1', page: 1 } },
      { id: 'vec2', score: 0.8, metadata: { text: 'Passage 2', page: 2 } },
    ]);
    const asked = house.fake.received.find(({ path }) => path === '/query');
    expect(asked?.headers['api-key']).toBe('pinecone-key-1234');
    expect(asked?.json).toMatchObject({ topK: 2, includeMetadata: true, namespace: 'docs' });
    const [embedding] = (await house.allLogs()).filter(({ traceParentId }) => traceParentId === result.logId);
    expect(embedding).toMatchObject({ kind: 'prompt', model: 'text-embedding-3-small', inputs: { input: ['how to sharpen'] } });
    const byVector = await house.run(tool, { vector: [1, 2, 3] });
    expect(byVector).toMatchObject({ status: 'error', error: expect.stringContaining('does not match the dimension of the index 8') });
    await expect(house.run(tool, {})).rejects.toMatchObject({ details: [{ loc: ['body', 'inputs', 'query'] }] });
  });

  it('asks Chroma by the name of the collection', async () => {
    const tool = await house.save('search/chroma', {
      tool_type: 'chroma_search',
      setup_values: { url: house.fake.url, collection: 'my docs', top_k: 1, embedding_model: 'text-embedding-3-small' },
    });
    const result = await house.run(tool, { query: 'x' });
    expect(parsed(result.output)).toEqual([{ id: 'doc1', document: 'Document 1', metadata: { source: 'page-1' }, distance: 0.25 }]);
    const calls = house.fake.received.filter(({ path }) => path.startsWith('/api/v2'));
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v2/tenants/default_tenant/databases/default_database/collections/my%20docs',
      expect.stringMatching(/^POST .*\/collections\/[0-9a-f-]{36}\/query$/),
    ]);
    expect(calls.every(({ headers }) => headers['x-chroma-token'] === 'chroma-key-1234')).toBe(true);
    const absent = await house.save('search/absent', {
      tool_type: 'chroma_search',
      setup_values: { url: house.fake.url, collection: 'absent' },
    });
    expect((await house.run(absent, { vector: [1] })).error).toContain('Collection [absent] does not exist');
  });

  it('says which key is missing, refused, or kept for elsewhere', async () => {
    const bad = await house.save('search/bad', {
      tool_type: 'pinecone_search',
      setup_values: { host: house.fake.url, credential: 'bad pinecone' },
    });
    expect((await house.run(bad, { vector: [1] })).error).toContain('Invalid API Key');
    const turned = await house.save('search/turned', { tool_type: 'pinecone_search', setup_values: { host: 'https://evil.example' } });
    await expect(house.run(turned, { vector: [1] })).rejects.toThrow('would send it to https://evil.example');
    const absent = await house.save('search/no-key', { tool_type: 'google', setup_values: { cx: 'e', credential: 'nobody' } });
    await expect(house.run(absent, { query: 'x' })).rejects.toThrow('no credential named `nobody`');
    house.credentials.splice(
      house.credentials.findIndex(({ provider }) => provider === 'google_search'),
      1,
    );
    const none = await house.save('search/none', { tool_type: 'google', setup_values: { cx: 'e' } });
    await expect(house.run(none, { query: 'x' })).rejects.toMatchObject({
      data: { code: 'credential_missing', provider: 'google_search' },
    });
  });
});
