import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, owner, startWhetstone, type Whetstone } from './whetstone.ts';

/** The demo workspace as a newcomer meets it: made by running the real system, after `ready`, in the background. */
describe('the demo workspace', () => {
  let whetstone: Whetstone;
  let cookie = '';

  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${whetstone.url}/v5${path}`, {
      headers: { cookie, 'sec-fetch-site': 'same-origin', 'x-whetstone-workspace': 'demo' },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const total = async (query: string): Promise<number> => (await get<{ total: number }>(`/logs?summary=true&size=1&${query}`)).total;

  beforeAll(async () => {
    whetstone = await startWhetstone({ env: { WHETSTONE_DEMO: '1' } });
    const signIn = await fetch(`${whetstone.url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: whetstone.url },
      body: JSON.stringify(owner),
    });
    cookie = signIn.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    const state = await eventually(
      'the demo workspace',
      async () => {
        const { workspace } = await get<{ workspace: { demo: string } | null }>('/me');
        return workspace !== null && workspace.demo !== 'loading' && workspace.demo;
      },
      240_000,
    );
    if (state !== 'ready') throw new Error(`The demo workspace is ${state}: ${whetstone.stderr()}`);
  }, 260_000);
  afterAll(() => whetstone?.close());

  it('belongs to the owner of the instance', async () => {
    const { workspaces } = await get<{ workspaces: { slug: string; role: string }[] }>('/me');
    expect(workspaces.map(({ slug, role }) => [slug, role])).toContainEqual(['demo', 'owner']);
  });

  it('holds a few thousand logs over two weeks', async () => {
    await eventually('the last logs', async () => (await total('')) > 3000);
    const { groups } = await get<{ groups: { count: number[] }[] }>(
      `/logs/series?buckets=14&start_date=${new Date(Date.now() - 14 * 86_400_000).toISOString()}`,
    );
    const counts = groups[0]?.count ?? [];
    expect(counts.filter((count) => count > 50).length / counts.length).toBeGreaterThan(0.8);
  });

  it('has versions that were deployed one after the other', async () => {
    const file = await get<{ files: { id: string; path: string }[] }>('/files/tree').then(({ files }) =>
      files.find(({ path }) => path === 'support/answer'),
    );
    const { records: versions } = await get<{ records: { version_id: string; version_logs_count: number }[] }>(
      `/prompts/${file?.id}/versions`,
    );
    expect(versions).toHaveLength(4);
    expect(versions.every((version) => version.version_logs_count > 0)).toBe(true);
    const { records: deployments } = await get<{ records: { created_at: string }[] }>(`/prompts/${file?.id}/deployments`);
    const days = deployments.map(({ created_at }) => Math.round((Date.now() - Date.parse(created_at)) / 86_400_000));
    expect(new Set(days).size).toBeGreaterThanOrEqual(4);
  });

  it('has feedback of both kinds, good and bad', async () => {
    const { records } = await get<{ records: { id: string; name: string }[] }>('/evaluators?size=100');
    const vote = records.find(({ name }) => name === 'vote');
    const { records: judged, total: votes } = await get<{ records: { judgment: string }[]; total: number }>(
      `/logs?file_id=${vote?.id}&size=1000`,
    );
    expect(votes).toBeGreaterThan(100);
    expect(new Set(judged.map(({ judgment }) => judgment))).toEqual(new Set(['good', 'bad']));
  });

  it('has an experiment that found which version helps, and one to start', async () => {
    const { records } = await get<{ records: { id: string; name: string; state: string; words: string | null }[] }>('/experiments');
    expect(records.map(({ name, state }) => [name, state])).toEqual([
      ['Is fast and short good enough?', 'draft'],
      ['Do the articles help?', 'promoted'],
    ]);
    const { primary } = await get<{
      primary: { arms: { matured: number; value: { estimate: number } }[]; comparisons: { difference: { estimate: number } }[] };
    }>(`/experiments/${records[1]?.id}/result`);
    for (const { matured } of primary.arms) expect(matured).toBeGreaterThan(60);
    // About a quarter of the users; who gets what is drawn anew for every experiment.
    expect(primary.comparisons[0]?.difference.estimate).toBeGreaterThan(0.08);
    const { records: events } = await get<{ records: { type: string }[] }>(`/experiments/${records[1]?.id}/events`);
    expect(events.map(({ type }) => type)).toEqual(['promoted', 'started', 'created']);
  });

  it('has feedback of today that is less than that of the week', async () => {
    const { kinds } = await get<{ kinds: { kind: string; day: number; week: number }[] }>('/feedback/arrivals');
    const votes = kinds.find(({ kind }) => kind === 'votes');
    expect(votes?.day).toBeGreaterThan(0);
    expect(votes?.day).toBeLessThan((votes?.week ?? 0) / 3);
  });

  it('has a few failures to find', async () => {
    const failures = await total('status=error');
    expect(failures).toBeGreaterThan(3);
    expect(failures).toBeLessThan((await total('')) / 20);
  });

  it('has traces with the search inside', async () => {
    const { records } = await get<{ records: { id: string; type: string }[] }>('/logs?summary=true&size=5&kind=flow');
    const trace = await get<{ root_id: string; records: { type: string; trace_parent_id: string | null }[] }>(
      `/logs/${records[0]?.id}/trace`,
    );
    expect(trace.root_id).toBe(records[0]?.id);
    expect(trace.records.map(({ type }) => type)).toEqual(expect.arrayContaining(['flow', 'prompt', 'tool']));
  });

  it('is not made again when it was deleted', async () => {
    const headers = { cookie, origin: whetstone.url, 'x-whetstone-workspace': 'demo' };
    const gone = await fetch(`${whetstone.url}/v5/workspace?confirm=demo`, { method: 'DELETE', headers });
    expect(gone.status).toBe(204);
    await whetstone.kill('SIGTERM');
    const again = await startWhetstone({ dataDir: whetstone.dataDir, env: { WHETSTONE_DEMO: '1' } });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const { workspaces } = (await (await fetch(`${again.url}/v5/me`, { headers: { cookie, 'sec-fetch-site': 'same-origin' } })).json()) as {
      workspaces: { slug: string }[];
    };
    await again.close();
    expect(workspaces.map(({ slug }) => slug)).toEqual(['main']);
  });
});
