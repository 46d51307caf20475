import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, phone, watch } from './browser.ts';
import { byKey, caller, type Caller } from './send.ts';
import { owner, startWhetstone, type Whetstone } from './whetstone.ts';

interface Queue {
  id: string;
  complete: number;
  answers: number;
  items: number;
}
interface Judgment {
  judgment: unknown;
  reason: string | null;
  judgment_source: string;
  evaluator: { path: string };
}

/** People judge: a queue is made, worked through by keys, and by thumb on a phone; what was said shows. */
describeInBrowser('review in the browser', () => {
  let whetstone: Whetstone;
  let admin: Caller;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  let queueId = '';
  const logs: string[] = [];

  beforeAll(async () => {
    whetstone = await startWhetstone();
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    const human = { evaluator_type: 'human', arguments_type: 'target_free', return_type: 'boolean', instructions: 'Does it help?' };
    await admin('POST', '/v5/evaluators', { path: 'support/helpful', spec: human });
    const judge = { evaluator_type: 'external', arguments_type: 'target_free', return_type: 'boolean' };
    await admin('POST', '/v5/evaluators', { path: 'support/judge', spec: judge });
    for (let at = 0; at < 6; at += 1) {
      const { id } = await admin<{ id: string }>('POST', '/v5/prompts/log', {
        path: 'support/answer',
        prompt: { model: 'secret-model', template: 'Answer {{question}}' },
        inputs: { question: `Question ${at}` },
        output: `Answer ${at}`,
      });
      await admin('POST', '/v5/evaluators/log', { path: 'support/judge', parent_id: id, judgment: at % 2 === 0 });
      logs.push(id);
    }
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    seen = watch(page, whetstone.url);
  });
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
  });

  const queue = () => admin<Queue>('GET', `/v5/reviews/${queueId}`);
  const progress = (where: Page, text: RegExp | string) => where.getByRole('heading', { level: 1 }).getByText(text).waitFor();
  const judgmentsOf = async (id: string) => (await admin<{ evaluator_logs: Judgment[] }>('GET', `/v5/logs/${id}`)).evaluator_logs;
  const byPeople = async () => (await Promise.all(logs.map(judgmentsOf))).flat().filter((one) => one.judgment_source === 'human');

  it('a queue is made from a filter, blind, with a question and instructions', async () => {
    await page.goto(`${whetstone.url}/w/main/review`);
    await page.getByText('Let people judge what models wrote').waitFor();
    await page.getByRole('link', { name: 'New queue' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Answers of today');
    await page.getByLabel('Filter logs').fill('file:support/answer');
    await page.getByLabel('Filter logs').press('Enter');
    await page.getByText('6 logs match').waitFor();
    await page.getByRole('checkbox', { name: 'support/helpful' }).check();
    await page.getByRole('checkbox', { name: 'feedback/vote' }).uncheck();
    await page.getByLabel('Instructions').fill('Helpful means that the customer knows what to do next.');
    await page.getByRole('checkbox', { name: 'Blind' }).check();
    await page.getByRole('button', { name: 'Make the queue' }).click();
    await page.waitForURL(/\/review\/rvq_/);
    queueId = /rvq_\w+/.exec(page.url())?.[0] ?? '';
    await page.getByText('6 left for you').waitFor();
    expect(await accessProblems(page)).toEqual([]);
  });

  it('is waiting on the home page, and says there how much', async () => {
    await page.goto(`${whetstone.url}/w/main`);
    await page.getByText('6 logs wait for your judgment').waitFor();
    await page.getByRole('link', { name: /Review “Answers of today”/ }).click();
    await page.waitForURL(/\/go$/);
  });

  it('is judged by keys: good, bad with a reason, corrected, skipped, taken back', async () => {
    await page.getByText('Helpful means that the customer').last().waitFor();
    await progress(page, /^0 of 6/);
    const read = page.getByRole('article', { name: 'What is judged' });
    const first = await read.getByText(/^Answer \d$/).innerText();
    expect(await page.getByRole('main').innerText()).not.toContain('secret-model');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Answer first').first().waitFor();
    await page.keyboard.press('g');
    await page.getByRole('button', { name: 'Yes', pressed: true }).waitFor();
    await page.keyboard.press('Control+Enter');
    await progress(page, /^1 of 6/);
    await read.getByText(first, { exact: true }).waitFor({ state: 'detached' });

    await page.keyboard.press('b');
    await page.getByLabel('Why').fill('Says nothing');
    await page.getByLabel('Why').press('Control+Enter');
    await progress(page, /^2 of 6/);

    await page.getByLabel('Why').press('Escape');
    await page.keyboard.press('c');
    await page.getByLabel('What it should have said').fill('Better so.');
    await page.keyboard.press('Escape');
    await page.keyboard.press('1');
    await page.keyboard.press('Control+Enter');
    await progress(page, /^3 of 6/);

    await page.keyboard.press('u');
    await progress(page, /^2 of 6/);
    await expect.poll(() => page.getByLabel('What it should have said').inputValue()).toBe('Better so.');
    await page.keyboard.press('Control+Enter');
    await progress(page, /^3 of 6/);
    await page.keyboard.press('s');
    await progress(page, /^3 of 5/);
    await page.keyboard.press('k');
    await page.getByText('You left this to others').waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await expect.poll(async () => (await queue()).answers).toBe(3);
    const said = async () =>
      (await byPeople()).map(({ evaluator, judgment, reason }) => [evaluator.path, judgment, reason].join(' ').trim()).toSorted();
    await expect
      .poll(said, { timeout: 15_000 })
      .toEqual(['feedback/correction Better so.', 'support/helpful false Says nothing', 'support/helpful true', 'support/helpful true']);
  });

  it('keeps an answer that could not be sent, says so, and sends it when it can', async () => {
    await page.goto(`${whetstone.url}/w/main/review/${queueId}/go`);
    await progress(page, /^3 of 5/);
    await page
      .getByRole('article', { name: 'What is judged' })
      .getByText(/^Answer \d$/)
      .waitFor();
    await page.route('**/answer', (route) => route.abort());
    await page.keyboard.press('g');
    await page.keyboard.press('Control+Enter');
    await progress(page, /^4 of 5/);
    await page.getByText('One answer is not saved yet').waitFor();
    expect((await queue()).answers).toBe(3);
    await page.unroute('**/answer');
    await page.getByText('One answer is not saved yet').waitFor({ state: 'detached' });
    await expect.poll(async () => (await queue()).answers).toBe(4);
  });

  it('is finished by thumb on a phone', async () => {
    const small = await ownersPage(browser, whetstone.url, owner, phone);
    await small.goto(`${whetstone.url}/w/main/review/${queueId}/go`);
    await progress(small, /^4 of 5/);
    const yes = small.getByRole('button', { name: 'Yes' });
    await yes.waitFor();
    const { height, y } = (await yes.boundingBox()) ?? { height: 0, y: 0 };
    expect(height).toBeGreaterThanOrEqual(44);
    expect(y).toBeGreaterThan(phone.height / 2);
    expect(await small.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(phone.width);
    await yes.tap();
    await small.getByRole('button', { name: 'Next' }).tap();
    await small.getByText('You are through').waitFor();
    await expect.poll(async () => (await queue()).complete).toBe(5);
    expect(await accessProblems(small)).toEqual([]);
    await small.context().close();
  });

  it('shows how a judge does against people, down to the logs, and makes a queue of what to label next', async () => {
    const { records } = await admin<{ records: { id: string; path: string }[] }>('GET', '/v5/evaluators?size=100');
    const human = records.find(({ path }) => path === 'support/helpful')?.id;
    await page.goto(`${whetstone.url}/w/main/review/judges?human=${human}`);
    await page.getByText(/As far as 5 labels tell/).waitFor();
    await page.getByText('Sensitivity').waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Label next' }).click();
    await page.getByLabel('About how many labels').fill('6');
    await page.getByRole('dialog').getByRole('button', { name: 'Make the queue' }).click();
    await page
      .getByText('1 of 1 logs were chosen')
      .or(page.getByText(/chosen; none is labelled yet/))
      .first()
      .waitFor();
    expect(seen.problems).toEqual([]);
    expect(seen.elsewhere).toEqual([]);
  });
});
