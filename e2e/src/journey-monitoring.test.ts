import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, watch } from './browser.ts';
import { byKey, caller, type Caller } from './send.ts';
import { owner, startWhetstone, type Whetstone } from './whetstone.ts';

/** A monitor as a person makes it: new logs judged, old ones too, an alert, and from the chart to the logs behind it. */
describeInBrowser('a monitor in the browser', () => {
  let whetstone: Whetstone;
  let admin: Caller;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  let id: string;

  const write = async (count: number): Promise<void> => {
    const logs = Array.from({ length: count }, (_, n) => ({
      type: 'prompt',
      log: { path: 'shop/answer', inputs: { n: String(n) }, output: n % 4 === 0 ? 'bad' : 'good' },
    }));
    await admin('POST', '/v5/logs/batch', { logs });
  };

  beforeAll(async () => {
    whetstone = await startWhetstone();
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    id = (await admin<{ id: string }>('POST', '/v5/prompts', { path: 'shop/answer', model: 'gpt-4o-mini', template: 'Say {{n}}' })).id;
    const code = 'function evaluate(log) { return log.output === "good" }';
    const spec = { evaluator_type: 'python', language: 'javascript', arguments_type: 'target_free', return_type: 'boolean', code };
    await admin('POST', '/v5/evaluators', { path: 'judges/good', spec });
    await write(40);
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    seen = watch(page, whetstone.url);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
  });

  it('is added, judges old logs and new ones, and shows them with an interval', { timeout: 120_000 }, async () => {
    await page.goto(`${whetstone.url}/w/main/files/${id}`);
    await page.getByRole('link', { name: 'Monitoring' }).click();
    await page.getByRole('button', { name: 'Add monitor' }).click();
    await page.getByLabel('Evaluator').click();
    await page.getByRole('option', { name: /judges\/good/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add monitor' }).click();
    await page.getByRole('button', { name: 'Judge old logs' }).click();
    await page.getByRole('button', { name: 'Judge 40 logs' }).click();
    await page.getByText('75\u202f%', { exact: true }).first().waitFor({ timeout: 60_000 });
    expect(
      await page
        .getByText(/95 % interval/)
        .first()
        .textContent(),
    ).toMatch(/to/);
    await write(60);
    await expect.poll(() => page.locator('dl').first().textContent(), { timeout: 60_000 }).toMatch(/judged\s*100/);
    expect(await accessProblems(page)).toEqual([]);
  });

  it('has an alert, whose rate of false alarms is said', { timeout: 60_000 }, async () => {
    await page.getByRole('button', { name: 'Add alert' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/cries wolf/).waitFor();
    await dialog.getByRole('button', { name: 'Add alert' }).click();
    await page.getByText(/Learning what is usual/).waitFor();
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByText('Nothing has happened yet.').waitFor();
  });

  it('leads from its chart to the logs behind it', { timeout: 60_000 }, async () => {
    const chart = page.getByRole('button', { name: /over time/ });
    await chart.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/logs\?.*from=/);
    await page.getByText('good').first().waitFor();
    expect(seen.problems).toEqual([]);
  });
});
