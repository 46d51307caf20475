import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { describeInBrowser, launchBrowser, ownersPage, phone, watch } from './browser.ts';
import { accessProblems } from './access.ts';
import { eventually, owner, startWhetstone, type Whetstone } from './whetstone.ts';

/** One pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const jinja = '{% if formal %}Dear {{ name }},{% else %}Hi {{ name }}!{% endif %} Shall we {{ verb | default("meet") }}?';

/** What a person does to a prompt and a log: images, tables, a rerun with other inputs, two who deploy at once. */
describeInBrowser('editing prompts and rerunning logs', () => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;

  const api = async <T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${whetstone.url}/v5${path}`, {
      method,
      headers: { 'x-api-key': whetstone.apiKey, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  const open = (path: string) => page.goto(`${whetstone.url}/w/main${path}`);

  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await startWhetstone({ env: { OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: `${provider.url}/v1` } });
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    seen = watch(page, whetstone.url);
  });
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
    await provider?.close();
  });

  it('an image is put into a message, reaches the model, survives a reload, and is part of the version, its diff and its text', async () => {
    const file = await api<{ id: string; version_id: string }>('POST', '/prompts', {
      path: 'editing/vision',
      model: 'gpt-4o-mini',
      template: [{ role: 'user', content: 'What is this?' }],
    });
    await open(`/files/${file.id}`);
    await page.getByRole('button', { name: 'Add an image' }).click();
    await page.locator('input[type=file]').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.from(pixel, 'base64') });
    await page.getByRole('img', { name: 'Image 2 of message 1' }).waitFor();
    // A second one, pasted.
    await page.locator('.cm-content').first().click();
    await page.evaluate(`(() => {
      const bytes = Uint8Array.from(atob('${pixel}'), (character) => character.charCodeAt(0));
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([bytes], 'b.png', { type: 'image/png' }));
      document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    })()`);
    await page.getByRole('img', { name: 'Image 3 of message 1' }).waitFor();
    await page.waitForTimeout(500);
    await page.reload();
    await page.getByRole('img', { name: 'Image 3 of message 1' }).waitFor();
    await page.getByRole('button', { name: 'Take this image out' }).last().click();
    await page.getByRole('img', { name: 'Image 3 of message 1' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /^Run/ }).click();
    await page.getByText('I see 1 image.').waitFor();
    const sent = provider.received.at(-1)?.json['messages'] as { content: unknown }[];
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
    ];
    expect(sent[0]?.content).toEqual(content);
    await page.getByRole('button', { name: /Save/ }).click();
    await page.getByLabel('Why').fill('Looks at a picture');
    await page.keyboard.press('Enter');
    await page.waitForURL(/version=/);
    const saved = new URL(page.url()).searchParams.get('version') ?? '';
    const version = await api<{ template: { content: unknown }[] }>('GET', `/prompts/${file.id}?version_id=${saved}`);
    expect(version.template[0]?.content).toEqual(content);
    await open(`/files/${file.id}/versions?from=${file.version_id}&to=${saved}`);
    await page.getByRole('img', { name: 'Image 1 after' }).waitFor();
    expect(await page.textContent('main')).not.toContain(pixel);
    const text = await fetch(`${whetstone.url}/v5/prompts/${file.id}/serialize?version_id=${saved}`, {
      headers: { 'x-api-key': whetstone.apiKey },
    });
    expect(await text.text()).toContain(`<image url="data:image/png;base64,${pixel}" />`);
  });

  it('a table of an answer is a table, and an image elsewhere is not loaded until somebody goes there', async () => {
    const log = await api<{ id: string }>('POST', '/prompts/log', {
      path: 'editing/tables',
      prompt: { model: 'gpt-4o-mini' },
      messages: [{ role: 'user', content: 'Prices, please.' }],
      output: '| Part | Price |\n| --- | ---: |\n| Chain | 20 |\n\n![A chain](https://pictures.example/chain.png)\n\n~~old~~ <b>raw</b>',
    });
    await open(`/logs/${log.id}`);
    await page.getByRole('button', { name: 'Show as Markdown' }).click();
    await page.getByRole('cell', { name: 'Chain' }).waitFor();
    expect(await page.getByRole('columnheader').allTextContents()).toEqual(['Part', 'Price']);
    expect(await page.getByText('<b>raw</b>').count()).toBe(1);
    await page.getByRole('button', { name: 'Show image' }).click();
    await page.getByText(/pictures\.example\. Looking at it tells that site/).waitFor();
    const way = page.getByRole('link', { name: 'Open in a new tab' });
    expect([await way.getAttribute('href'), await way.getAttribute('rel')]).toEqual([
      'https://pictures.example/chain.png',
      'noreferrer noopener nofollow',
    ]);
    expect(await page.locator('img[src^="http"]').count()).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Show raw text' }).click();
  });

  it('a log of a Jinja prompt opens with its inputs, and a changed one is rendered anew, beside the old answer, after a reload too', async () => {
    const prompt = await api<{ id: string }>('POST', '/prompts', {
      path: 'editing/jinja',
      model: 'gpt-4o-mini',
      temperature: 0.3,
      template_language: 'jinja',
      template: [
        { role: 'system', content: 'Be {{ tone }}.' },
        { role: 'user', content: jinja },
      ],
    });
    const call = await api<{ logs: { id: string }[]; log_id?: string; id?: string }>('POST', '/prompts/call', {
      id: prompt.id,
      inputs: { tone: 'kind', formal: true, name: 'Ada', verb: 'dance' },
      messages: [{ role: 'user', content: 'One more thing.' }],
    });
    const original = call.logs[0]?.id ?? call.log_id ?? call.id ?? '';
    await open(`/logs/${original}`);
    // The key is heard once the log is there.
    await page.getByText('One more thing.').first().waitFor();
    await page.keyboard.press('e');
    await page.waitForURL(/\/playground$/);
    await page.locator('.cm-content').filter({ hasText: '{% if formal %}' }).waitFor();
    await page.locator('.cm-content').filter({ hasText: 'One more thing.' }).waitFor();
    expect(await page.getByText('temp').count()).toBeGreaterThan(0);
    const name = page.getByRole('textbox', { name: 'name' });
    expect(await name.inputValue()).toBe('Ada');
    expect(await page.getByRole('textbox', { name: 'formal' }).inputValue()).toBe('true');
    await name.fill('Grace');
    await page.reload();
    expect(await page.getByRole('textbox', { name: 'name' }).inputValue()).toBe('Grace');
    const before = provider.received.length;
    await page.getByRole('button', { name: /^Rerun/ }).click();
    await page.getByRole('link', { name: 'Open the log' }).waitFor();
    expect(provider.received).toHaveLength(before + 1);
    expect(provider.received.at(-1)?.json).toMatchObject({
      temperature: 0.3,
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Dear Grace, Shall we dance?' },
        { role: 'user', content: 'One more thing.' },
      ],
    });
    const then = page.getByRole('region', { name: 'Then' });
    const now = page.getByRole('region', { name: 'Now' });
    await expect.poll(() => then.textContent()).toContain('One more thing.');
    await expect.poll(() => now.textContent()).toContain('One more thing.');
    const reruns = await eventually('the rerun beside its original', async () => {
      const { records } = await api<{ records: { id: string; inputs: unknown; origin: string; counterfactual_of: string }[] }>(
        'GET',
        `/logs?counterfactual_of=${original}`,
      );
      return records.length > 0 && records;
    });
    expect(reruns).toMatchObject([
      { origin: 'playground', counterfactual_of: original, inputs: { tone: 'kind', formal: true, name: 'Grace', verb: 'dance' } },
    ]);
    await page.getByRole('link', { name: 'Open the log' }).click();
    await page.getByRole('link', { name: original }).waitFor();
  });

  it('of two who deploy at once the second is told what is there meanwhile', async () => {
    const body = { path: 'editing/twice', model: 'gpt-4o-mini', template: [{ role: 'user' as const, content: 'One' }] };
    const first = await api<{ id: string; version_id: string }>('POST', '/prompts', body);
    const second = await api<{ version_id: string }>('POST', '/prompts', {
      ...body,
      template: [{ role: 'user', content: 'Two' }],
      version_name: 'two',
    });
    const third = await api<{ version_id: string }>('POST', '/prompts', {
      ...body,
      template: [{ role: 'user', content: 'Three' }],
      version_name: 'three',
    });
    await open(`/files/${first.id}/versions`);
    await page.getByRole('button', { name: 'Deploy', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^Deploy three to production/ }).waitFor();
    const environments = await api<{ id: string; name: string }[]>('GET', `/prompts/${first.id}/environments`);
    const production = environments.find((one) => one.name === 'production')?.id ?? '';
    await api('POST', `/prompts/${first.id}/environments/${production}?version_id=${second.version_id}`);
    await dialog.getByRole('button', { name: /^Deploy three to production/ }).click();
    await dialog.getByText(/meanwhile/i).waitFor();
    const deployed = await api<{ version_id: string }>('GET', `/prompts/${first.id}`);
    expect([deployed.version_id, third.version_id === deployed.version_id]).toEqual([second.version_id, false]);
    await page.keyboard.press('Escape');
  });

  it('F27 has no barrier that can be found by machine, in light and dark, and fits a phone', async () => {
    const logs = await api<{ records: { id: string }[] }>('GET', '/logs?size=1');
    const files = await api<{ records: { id: string; path: string }[] }>('GET', '/files?size=50');
    const file = files.records.find((one) => one.path === 'editing/vision')?.id ?? '';
    const paths = [
      '',
      '/files',
      `/files/${file}`,
      `/files/${file}/versions`,
      `/files/${file}/deployments`,
      '/logs',
      `/logs/${logs.records[0]?.id}`,
    ]
      .concat(`/logs/${logs.records[0]?.id}/playground`, '/connect')
      .concat(['people', 'keys', 'credentials', 'prices', 'webhooks', 'retention', 'audit'].map((section) => `/settings/${section}`));
    const small = await ownersPage(browser, whetstone.url, owner, phone);
    const found: string[] = [];
    for (const path of paths) {
      const dark = paths.indexOf(path) % 2 === 1;
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
      await open(path);
      found.push(...(await accessProblems(page)).map((problem) => `${path}: ${problem}`));
      await small.goto(`${whetstone.url}/w/main${path}`);
      await small.locator('h1, h2').first().waitFor();
      const width = await small.evaluate<number>('document.documentElement.scrollWidth');
      if (width > phone.width) found.push(`${path}: is ${width} px wide on a phone`);
    }
    await small.context().close();
    expect(found).toEqual([]);
  }, 120_000);

  it('nothing broke, nothing was asked of other hosts', () => {
    expect(seen).toEqual({ problems: [], elsewhere: [], dialogs: [] });
  });
});
