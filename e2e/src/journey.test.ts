import OpenAI from 'openai';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { describeInBrowser, launchBrowser, watch } from './browser.ts';
import { describeOnEditions } from './editions.ts';
import type { Whetstone } from './whetstone.ts';

/** The five minutes of a newcomer, in order: each step goes on where the one before ended. */
describeOnEditions(describeInBrowser, 'from a prompt to a log and back', (start) => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  let key = '';

  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await start({ firstVisit: true, env: { OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: `${provider.url}/v1` } });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(15_000);
    seen = watch(page, whetstone.url);
  });
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
    await provider?.close();
  });

  it('the first visit makes the owner and shows the workspace', async () => {
    await page.goto(whetstone.url);
    await page.getByLabel('Your name').fill('Ada Lovelace');
    await page.getByLabel('E-mail').fill('ada@example.com');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByLabel('Name of the workspace').fill('Analytical Engines');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/w\/analytical-engines/);
    await page.getByRole('link', { name: 'Logs' }).first().waitFor();
  });

  it('a prompt is written, run with streaming, saved and deployed', async () => {
    await page
      .getByRole('button', { name: /new file/i })
      .first()
      .click();
    await page.getByLabel('Path').fill('shop/greeting');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/files\/pr_/);
    const message = page.locator('.cm-content').first();
    await message.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Greet {{name}', { delay: 5 });
    await page.keyboard.type('} politely.', { delay: 5 });
    const input = page.getByLabel('name', { exact: true });
    await input.fill('Grace');
    await page.getByRole('button', { name: /^Run/ }).first().click();
    await page
      .getByText(/tokens|→/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: /Save version/ }).click();
    await page.getByLabel('Why').fill('Greets people by name');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Deploy', exact: true }).click();
    await page.getByText('production').first().waitFor();
    await page.keyboard.press('Escape');
  });

  it('a draft survives a reload', async () => {
    await page.locator('.cm-content').first().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' Unsaved words.');
    await page.waitForTimeout(600);
    await page.reload();
    await page.locator('.cm-content').first().getByText('Unsaved words.').waitFor();
    await page.getByRole('button', { name: 'Discard the changes' }).click();
  });

  it('the connect page gives a key, and turns green at the first call of an application', async () => {
    await page.getByRole('link', { name: /Connect/ }).click();
    await page.getByRole('button', { name: /^Make a key/ }).click();
    const shown = page.getByText(/wsk_[A-Za-z0-9]{20,}/).first();
    await shown.waitFor();
    key = /wsk_[A-Za-z0-9]{20,}/.exec((await shown.textContent()) ?? '')?.[0] ?? '';
    expect(key).not.toBe('');
    const client = new OpenAI({ apiKey: key, baseURL: `${whetstone.url}/v1` });
    const answer = await client.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'Are you there, reader 4711?' }],
      user: 'reader-4711',
    });
    expect(answer.choices[0]?.message.content).toBeTruthy();
    await page
      .getByText(/connected|arrived|first log/i)
      .first()
      .waitFor();
  });

  it('the log is found by a filter and opens with its messages', async () => {
    await page.goto(`${whetstone.url}/w/analytical-engines/logs`);
    await page.keyboard.press('/');
    await page.keyboard.type('user:reader-4711');
    await page.keyboard.press('Enter');
    const row = page.getByText('Are you there, reader 4711?').first();
    await row.waitFor();
    await row.click();
    await page
      .getByRole('link', { name: /playground/i })
      .or(page.getByRole('button', { name: /playground/i }))
      .first()
      .waitFor();
  });

  it('opened in the playground, changed and rerun, old and new stand side by side and the rerun is linked', async () => {
    await page
      .getByRole('link', { name: /playground/i })
      .or(page.getByRole('button', { name: /playground/i }))
      .first()
      .click();
    await page.waitForURL(/\/playground/);
    const last = page.locator('.cm-content').filter({ hasText: 'reader 4711' }).first();
    await last.click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' Answer in French.');
    const answered = page.waitForResponse((response) => response.url().includes('/v5/prompts/call') && response.status() === 200);
    await page
      .getByRole('button', { name: /^Rerun|^Run/ })
      .first()
      .click();
    const original = page.url().split('/').at(-2) ?? '';
    await (await answered).finished();
    const listed = await fetch(`${whetstone.url}/v5/logs?counterfactual_of=${original}`, { headers: { 'x-api-key': key } });
    // The application's key may not read; the page's own session may.
    expect(listed.status).toBe(403);
    await expect
      .poll(
        () =>
          page.evaluate(async (id) => {
            const response = await fetch(`/v5/logs?counterfactual_of=${id}`, {
              headers: { 'x-whetstone-workspace': 'analytical-engines' },
            });
            const { records } = (await response.json()) as { records: { messages: { content: string }[]; origin: string }[] };
            return records.map((record) => [record.origin, record.messages.at(-1)?.content]);
          }, original),
        { timeout: 10_000 },
      )
      .toEqual([['playground', 'Are you there, reader 4711? Answer in French.']]);
  });

  it('nothing broke, nothing was asked of other hosts', () => {
    expect(seen).toEqual({ problems: [], elsewhere: [], dialogs: [] });
  });
});
