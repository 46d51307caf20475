import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, phone, watch } from './browser.ts';
import { byKey, caller, type Caller } from './send.ts';
import { eventually, owner, startWhetstone, type Whetstone } from './whetstone.ts';

interface Judged {
  evaluator_logs: { judgment: unknown; evaluator: { path: string } }[];
}

/** Feedback from a developer's first look at the page to users on the application's own pages, and colleagues at a log. */
describeInBrowser('feedback in the browser', () => {
  let whetstone: Whetstone;
  let admin: Caller;
  let browser: Browser;
  let page: Page;
  let visitor: Page;
  let seen: ReturnType<typeof watch>;
  let shop: Server;
  let stranger: Server;
  let html = '';
  const logs: string[] = [];
  const at = (path: string) => `${whetstone.url}/w/main/${path}`;
  const origin = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const serve = () =>
    new Promise<Server>((done) => {
      const server = createServer((_request, response) =>
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<!doctype html><title>Shop</title><body>${html}`),
      ).listen(0, '127.0.0.1', () => done(server));
    });
  const said = async (log: string) =>
    Object.fromEntries((await admin<Judged>('GET', `/v5/logs/${log}`)).evaluator_logs.map((each) => [each.evaluator.path, each.judgment]));
  const says = (log: string, expected: Record<string, unknown>) =>
    expect.poll(() => said(log), { timeout: 15_000, message: `what is said of ${log}` }).toEqual(expected);
  const arrives = (name: string) => page.getByRole('listitem', { name });
  const judged = (name: string) => page.getByRole('button', { name, exact: true });

  beforeAll(async () => {
    whetstone = await startWhetstone();
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    for (const output of ['The refund takes five days.', 'Your bicycle is on its way.', 'We are open until six.']) {
      const { id } = await admin<{ id: string }>('POST', '/v5/prompts/log', {
        path: 'shop/answer',
        prompt: { model: 'gpt-4o', template: [{ role: 'user', content: '{{question}}' }] },
        output,
        user: 'ann',
      });
      logs.push(id);
    }
    [shop, stranger] = await Promise.all([serve(), serve()]);
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    seen = watch(page, whetstone.url);
    visitor = await (await browser.newContext()).newPage();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    shop?.close();
    stranger?.close();
    await whetstone?.close();
  });

  it('tells what is missing, and gives lines for a page that work as they are copied', { timeout: 60_000 }, async () => {
    await page.goto(at('feedback'));
    await arrives('Votes').getByText('never arrived').waitFor();
    await arrives('Votes').getByRole('button', { name: 'Send them' }).click();
    await page.getByRole('radio', { name: 'Browser script' }).click();
    await page.getByLabel('Origin of your page').fill(origin(shop));
    await page.getByRole('button', { name: 'Make a key for this page' }).click();
    const code = arrives('Votes').locator('pre');
    await expect.poll(() => code.textContent()).toMatch(/data-key="wsf_/);
    expect(await accessProblems(page)).toEqual([]);
    html = (await code.textContent()) ?? '';
    const [log] = logs.filter((id) => html.includes(id));
    await visitor.goto(origin(shop));
    await visitor.getByRole('button', { name: 'good' }).click();
    await says(log!, { 'feedback/vote': 'good' });
    // The page of the app counts it while it is looked at.
    await arrives('Votes').getByRole('img', { name: 'Arrives' }).waitFor();
    await arrives('Votes').getByText('1 today').waitFor();
    await arrives('Corrections').getByText('never arrived').waitFor();
    await visitor.getByRole('button', { name: 'bad' }).click();
    await says(log!, { 'feedback/vote': 'bad' });
    await visitor.getByRole('button', { name: 'bad' }).click();
    await says(log!, {});
  });

  it('hears what users copy and make of an answer, and measures the edit', { timeout: 60_000 }, async () => {
    const script = /<script.*<\/script>/.exec(html)?.[0] ?? '';
    html = `${script}<form method="dialog"><textarea data-whetstone-log="${logs[0]}">The refund takes five days.</textarea></form>`;
    await visitor.goto(origin(shop));
    await visitor.locator('textarea').fill('The refund takes two days.');
    await visitor.locator('textarea').blur();
    await says(logs[0]!, { 'feedback/correction': 'The refund takes two days.', 'feedback/action': ['edited'] });
    await arrives('Corrections').getByRole('img', { name: 'Arrives' }).waitFor();
    await page.goto(at(`logs?q=${encodeURIComponent('edited>10%')}`));
    await page.getByRole('row').nth(1).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
    await page.goto(at(`logs?q=${encodeURIComponent('edited>30%')}`));
    await page.getByText('No log matches').waitFor();
    await page.goto(at(`logs/${logs[0]}`));
    await page.locator('ins', { hasText: 'two' }).waitFor();
    await page.locator('del', { hasText: 'five' }).waitFor();
  });

  it('refuses the same key on a page of another origin, and says so where its developer looks', { timeout: 60_000 }, async () => {
    const printed: string[] = [];
    const other = await (await browser.newContext()).newPage();
    other.on('console', (message) => printed.push(message.text()));
    const script = /<script.*<\/script>/.exec(html)?.[0] ?? '';
    html = `${script}<div data-whetstone-log="${logs[1]}">Your bicycle is on its way.</div>`;
    await other.goto(origin(stranger));
    await other.getByRole('button', { name: 'good' }).click();
    await eventually('the refusal', () => Promise.resolve(printed.some((line) => /CORS|403/.test(line))));
    expect(await said(logs[1]!)).toEqual({});
    // The same lines where they belong.
    await visitor.goto(origin(shop));
    await visitor.getByRole('button', { name: 'good' }).click();
    await says(logs[1]!, { 'feedback/vote': 'good' });
    await other.close();
  });

  it('takes a colleague’s own at a log: given, changed, taken back', { timeout: 60_000 }, async () => {
    await page.goto(at(`logs/${logs[2]}`));
    await judged('good').click();
    await says(logs[2]!, { 'feedback/vote': 'good' });
    expect(await judged('good').getAttribute('aria-pressed')).toBe('true');
    await judged('bad').click();
    await says(logs[2]!, { 'feedback/vote': 'bad' });
    expect(await judged('good').getAttribute('aria-pressed')).toBe('false');
    await judged('bad').click();
    await says(logs[2]!, {});
    await page.getByRole('button', { name: 'Say more' }).click();
    await judged('hallucinated').click();
    await judged('wrong format').click();
    await page.getByRole('textbox', { name: 'correction' }).fill('We are open until eight.');
    await page.getByRole('button', { name: 'Keep correction' }).click();
    await says(logs[2]!, { 'feedback/issue': ['hallucinated', 'wrong format'], 'feedback/correction': 'We are open until eight.' });
    await page.getByRole('button', { name: 'Take back' }).click();
    await judged('hallucinated').click();
    await says(logs[2]!, { 'feedback/issue': ['wrong format'] });
    expect(await accessProblems(page)).toEqual([]);
  });

  it('asks a question of the workspace’s own, at a log and in calls', { timeout: 60_000 }, async () => {
    await page.goto(at('feedback'));
    await page.getByRole('button', { name: 'Add a kind' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Add kind' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Name').fill('Tone');
    await dialog.getByLabel('Question').fill('How does it sound?');
    await dialog.getByRole('textbox', { name: 'Option 1' }).fill('friendly');
    await dialog.getByRole('textbox', { name: 'Option 2' }).fill('rude');
    expect(await accessProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Add kind' }).click();
    await page.getByRole('main').getByRole('link', { name: 'tone' }).waitFor();
    await admin('POST', '/v5/feedback', { log_id: logs[1], kind: 'tone', value: 'rude', user: 'ann' });
    await page.goto(at(`logs/${logs[1]}`));
    await page.getByRole('button', { name: 'Say more' }).click();
    await page.getByRole('group', { name: 'How does it sound?' }).getByRole('button', { name: 'friendly' }).click();
    const tones = async () =>
      (await admin<Judged>('GET', `/v5/logs/${logs[1]}`)).evaluator_logs
        .filter(({ evaluator }) => evaluator.path === 'feedback/tone')
        .map(({ judgment }) => judgment);
    await expect.poll(async () => new Set(await tones()), { timeout: 15_000 }).toEqual(new Set(['rude', 'friendly']));
    await page.goto(at(`logs?q=${encodeURIComponent('feedback:tone=rude')}`));
    await page.getByRole('row').nth(1).waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
  });

  it('is read and given on a phone', { timeout: 60_000 }, async () => {
    const small = await ownersPage(browser, whetstone.url, owner, phone);
    await small.goto(at('feedback'));
    await small.getByRole('listitem', { name: 'Votes' }).getByRole('img', { name: 'Arrives' }).waitFor();
    expect(await small.evaluate('document.documentElement.scrollWidth')).toBe(phone.width);
    await small.goto(at(`logs/${logs[2]}`));
    await small.getByRole('button', { name: 'good', exact: true }).tap();
    await says(logs[2]!, { 'feedback/issue': ['wrong format'], 'feedback/vote': 'good' });
    await small.close();
    expect(seen.problems).toEqual([]);
    expect(seen.elsewhere).toEqual([]);
  });
});
