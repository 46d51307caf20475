import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FakeProvider, startFakeProvider } from '../../server/src/fake-provider/index.ts';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, watch } from './browser.ts';
import { byKey, caller, type Caller } from './send.ts';
import { eventually, owner, startWhetstone, type Whetstone } from './whetstone.ts';

interface Version {
  id: string;
  version_id: string;
}
interface Experiment {
  id: string;
  state: string;
  arms: { id: string; state: string; version: { id: string } }[];
}

/** An experiment as a team makes it: from the prompt's page, users of an application, votes from its page, a bad arm, a winner. */
describeInBrowser('an experiment in the browser', () => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let application: Server;
  let admin: Caller;
  let client: OpenAI;
  let browser: Browser;
  let page: Page;
  let visitors: Page;
  let seen: ReturnType<typeof watch>;
  let plain: Version;
  let gentle: Version;
  let applicationUrl: string;
  let experimentUrl: string;
  let users = 0;

  const save = (name: string, system: string, model = 'gpt-4o-mini') =>
    admin<Version>('POST', '/v5/prompts', {
      path: 'support/answer',
      model,
      template: [
        { role: 'system', content: system },
        { role: 'user', content: '{{question}}' },
      ],
      version_name: name,
    });

  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await startWhetstone({ env: { OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: `${provider.url}/v1` } });
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    plain = await save('plain', 'You answer.');
    gentle = await save('gentle', 'You answer kindly.');
    await save('broken', 'You answer.', 'fake-400');
    const places = await admin<{ id: string; tag: string }[]>('GET', `/v5/prompts/${plain.id}/environments`);
    const place = places.find((one) => one.tag === 'default')?.id ?? '';
    await admin('POST', `/v5/prompts/${plain.id}/environments/${place}?version_id=${plain.version_id}`);

    application = createServer((request, response) => {
      const log = new URL(request.url ?? '/', 'http://x').searchParams.get('log') ?? '';
      const script = `<script src="${whetstone.url}/whetstone.js" data-key="${publicKey}" defer></script>`;
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(`<!doctype html><title>Shop</title>${script}<body><div data-whetstone-log="${log}"><p>An answer.</p></div>`);
    });
    await new Promise<void>((done) => application.listen(0, '127.0.0.1', done));
    applicationUrl = `http://127.0.0.1:${(application.address() as AddressInfo).port}`;
    const { key: publicKey } = await admin<{ key: string }>('POST', '/v5/api-keys', {
      name: 'Shop page',
      role: 'feedback',
      origins: [applicationUrl],
    });
    const { key } = await admin<{ key: string }>('POST', '/v5/api-keys', { name: 'Shop', role: 'gateway' });
    client = new OpenAI({ apiKey: key, baseURL: `${whetstone.url}/v1`, maxRetries: 0 });
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    visitors = await (await browser.newContext()).newPage();
    seen = watch(page, whetstone.url);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    application?.close();
    await whetstone?.close();
    await provider?.close();
  });

  /** One user asks, through the published client. The log's id and what answered; null where the call failed. */
  const ask = async (user: string): Promise<{ log: string; gentle: boolean } | null> => {
    try {
      const { response } = await client.chat.completions
        // Inputs are ours: the prompt is filled in by the server.
        .create({ model: 'prompt:support/answer', messages: [], user, inputs: { question: 'Where is it?' } } as never)
        .withResponse();
      const log = response.headers.get('x-whetstone-log-id') ?? '';
      const made = await admin<{ prompt: { version_id: string } }>('GET', `/v5/logs/${log}`);
      return { log, gentle: made.prompt.version_id === gentle.version_id };
    } catch (error) {
      expect(error).toBeInstanceOf(OpenAI.BadRequestError);
      return null;
    }
  };
  /** So many new users; the gentle version is liked by nine in ten, the plain one by one in five. */
  const visit = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) {
      users += 1;
      const answered = await ask(`user-${users}`);
      if (answered === null) continue;
      await admin('POST', '/v5/feedback', {
        log_id: answered.log,
        kind: 'vote',
        value: users % 10 < (answered.gentle ? 9 : 2) ? 'good' : 'bad',
      });
    }
  };
  const experiment = () => admin<Experiment>('GET', `/v5/experiments/${experimentUrl.split('/').at(-1)}`);

  it('is made from the page of a prompt, and says what starting it means', { timeout: 120_000 }, async () => {
    await page.goto(`${whetstone.url}/w/main/files/${plain.id}`);
    await page.getByRole('link', { name: 'Experiments' }).last().click();
    await page.getByText('Some of your users get another version').waitFor();
    await page.getByRole('link', { name: 'New experiment' }).first().click();
    const arms = page.getByRole('list', { name: 'Arms' });
    await arms.getByText('deployed now').waitFor();
    await arms.getByText('broken').waitFor();
    await page.getByRole('button', { name: 'Add a version' }).click();
    await page.getByRole('menuitem', { name: /gentle/ }).click();
    await arms.getByText('gentle').waitFor();
    await page.getByRole('radio', { name: /More good votes/ }).check();
    await page.getByLabel('Smallest difference worth having').fill('20');
    await page.getByLabel('A user counts after').fill('0.01');
    await page.getByRole('complementary', { name: 'Plan' }).getByText('What it takes').waitFor();
    await page.getByLabel('Name').fill('Kinder answers');
    expect(await accessProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Start experiment' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/control is what is deployed now/).waitFor();
    await dialog.getByRole('button', { name: 'Start in production' }).click();
    await page.waitForURL(/\/experiments\/exp_/);
    experimentUrl = page.url();
    await page.getByText('running', { exact: true }).waitFor();
    expect((await experiment()).state).toBe('running');
  });

  it('moves while it is looked at, as users call and vote on a page of their own', { timeout: 240_000 }, async () => {
    const card = page.getByRole('article', { name: 'Arm gentle' });
    await card.waitFor();
    const before = await card.textContent();
    // One user votes in a browser, by the script that the page includes.
    let voted: string | null = null;
    for (let turn = 0; turn < 20 && voted === null; turn += 1) voted = (await ask(`visitor-${turn}`))?.log ?? null;
    await visitors.goto(`${applicationUrl}/?log=${voted}`);
    await visitors.getByRole('button', { name: 'good' }).click();
    await eventually(
      'the vote of the page',
      async () =>
        (
          await admin<{ total: number }>(
            'GET',
            `/v5/logs?file_id=${plain.id}&filter=${encodeURIComponent(`id:${voted} judged:feedback/vote=good`)}`,
          )
        ).total === 1,
      20_000,
    );
    await visit(90);
    await expect.poll(() => card.textContent(), { timeout: 60_000 }).not.toBe(before);
    await expect.poll(() => page.getByLabel('Verdict').textContent(), { timeout: 60_000 }).toMatch(/users counted/);
  });

  it('stops an arm that fails, by itself, and says why', { timeout: 240_000 }, async () => {
    const stopped = () => experiment().then(({ arms }) => arms.filter((arm) => arm.state === 'stopped').length === 1);
    const until = Date.now() + 200_000;
    while (!(await stopped()) && Date.now() < until) await visit(10);
    expect(await stopped()).toBe(true);
    const card = page.getByRole('article', { name: 'Arm broken' });
    await card.getByText('stopped', { exact: true }).waitFor({ timeout: 30_000 });
    await card.getByText(/Stopped:/).waitFor();
    // Its users get control from then on.
    expect(await Promise.all(Array.from({ length: 12 }, (_, turn) => ask(`later-${turn}`)))).not.toContain(null);
  });

  it('refuses another deployment, which stops and deploys with one button', { timeout: 60_000 }, async () => {
    await page.goto(`${whetstone.url}/w/main/files/${plain.id}/deployments`);
    await page.getByRole('button', { name: 'Change' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The experiment “Kinder answers” runs here').waitFor();
    await dialog.getByRole('button', { name: /^Stop the experiment and deploy/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.goto(experimentUrl);
  });

  it('finds the better version, promotes it, and the deployment leads back to the evidence', { timeout: 300_000 }, async () => {
    const verdict = page.locator('[data-verdict]');
    const until = Date.now() + 240_000;
    await verdict.waitFor();
    while ((await verdict.getAttribute('data-verdict')) !== 'better' && Date.now() < until) await visit(15);
    expect(await verdict.textContent()).toMatch(/gentle is better by/);
    expect(await accessProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Promote' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The evidence', { exact: true }).waitFor();
    await dialog.getByText(/Nobody/).click();
    await dialog.getByRole('button', { name: 'Deploy gentle to production' }).click();
    await page.getByText('promoted', { exact: true }).first().waitFor();
    expect((await experiment()).state).toBe('promoted');
    expect(await Promise.all(['user-1', 'user-2', 'new'].map(ask))).toEqual(Array(3).fill(expect.objectContaining({ gentle: true })));
    await page.goto(`${whetstone.url}/w/main/files/${plain.id}/deployments`);
    await page.getByText(/Promoted gentle of experiment/).waitFor();
    await page.getByRole('link', { name: 'the experiment' }).click();
    await page.waitForURL(experimentUrl);
    expect(seen.problems).toEqual([]);
    expect(seen.elsewhere).toEqual([]);
  });
});
