import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FakeProvider, startFakeProvider } from '../../server/src/fake-provider/index.ts';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, watch } from './browser.ts';
import { byKey, caller, cookieOf, type Caller, send } from './send.ts';
import { eventually, owner, startWhetstone, type Whetstone } from './whetstone.ts';

interface Version {
  version_id: string;
  version_name: string;
}
interface Judged {
  evaluator_logs: unknown[];
}
interface Experiment {
  id: string;
  state: string;
  arms: { id: string; state: string; version: { id: string } }[];
}

/** What a failing vendor's model is called at the provider on loopback. */
const failing = 'fake-400';

/**
 * An experiment as somebody new makes it in the demo workspace: from the page of its prompt, with users who call through a published
 * client and vote on a page of the application's own, a bad arm, a winner.
 */
describeInBrowser('an experiment in the demo workspace', () => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let application: Server;
  let admin: Caller;
  let client: OpenAI;
  let browser: Browser;
  let page: Page;
  let visitors: Page;
  let seen: ReturnType<typeof watch>;
  let prompt: string;
  let classify: string;
  let quick: string;
  let applicationUrl: string;
  let experimentUrl: string;
  let users = 0;

  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await startWhetstone({
      unchecked: true,
      env: { WHETSTONE_DEMO: '1', OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: `${provider.url}/v1` },
    });
    const signIn = await send(whetstone.url, '/api/auth/sign-in/email', {
      method: 'POST',
      body: owner,
      headers: { origin: whetstone.url },
    });
    const session = caller(whetstone.url, { cookie: cookieOf(signIn), origin: whetstone.url, 'x-whetstone-workspace': 'demo' });
    await eventually(
      'the demo workspace',
      async () => (await session<{ workspace: { demo: string } | null }>('GET', '/v5/me')).workspace?.demo === 'ready',
      200_000,
    );
    const made = await session<{ key: string }>('POST', '/v5/api-keys', { name: 'for the test', role: 'admin' });
    admin = caller(whetstone.url, byKey(made.key));
    const { files } = await admin<{ files: { id: string; path: string }[] }>('GET', '/v5/files/tree');
    prompt = files.find(({ path }) => path === 'support/answer')?.id ?? '';
    classify = files.find(({ path }) => path === 'support/classify')?.id ?? '';
    const { records } = await admin<{ records: Version[] }>('GET', `/v5/prompts/${prompt}/versions`);
    quick = records.find(({ version_name }) => version_name === 'fast and short')?.version_id ?? '';
    const template = [{ role: 'user', content: '{{question}}' }];
    await admin('POST', '/v5/prompts', { path: 'support/answer', model: failing, provider: 'openai', template, version_name: 'broken' });

    application = createServer((request, response) => {
      const logs = new URL(request.url ?? '/', 'http://x').searchParams.getAll('log');
      const script = `<script src="${whetstone.url}/whetstone.js" data-key="${publicKey}" defer></script>`;
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      const answers = logs.map((log) => `<div data-whetstone-log="${log}"><p>An answer.</p></div>`);
      response.end(`<!doctype html><title>Shop</title>${script}<body>${answers.join('')}`);
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
  const ask = async (user: string): Promise<{ log: string; quick: boolean } | null> => {
    try {
      const { response } = await client.chat.completions
        // Inputs are ours: the prompt is filled in by the server.
        .create({
          model: 'prompt:support/answer',
          messages: [],
          user,
          inputs: { question: 'Where is it?', context: 'On its way.' },
        } as never)
        .withResponse();
      const log = response.headers.get('x-whetstone-log-id') ?? '';
      const answered = await admin<{ prompt: { version_id: string } }>('GET', `/v5/logs/${log}`);
      return { log, quick: answered.prompt.version_id === quick };
    } catch (error) {
      expect(error).toBeInstanceOf(OpenAI.BadRequestError);
      return null;
    }
  };
  /** So many new users, who vote on a page in a browser; the quick version is liked by nine in ten, the others by one in five. */
  const visit = async (count: number): Promise<void> => {
    const asked = await Promise.all(Array.from({ length: count }, () => ask(`user-${(users += 1)}`)));
    const answers = asked.filter((answer) => answer !== null);
    const query = new URLSearchParams(answers.map(({ log }): [string, string] => ['log', log]));
    await visitors.goto(`${applicationUrl}/?${query.toString()}`);
    for (const [turn, answer] of answers.entries()) {
      const name = turn % 10 < (answer.quick ? 9 : 2) ? 'good' : 'bad';
      await visitors.locator(`[data-whetstone-log="${answer.log}"]`).getByRole('button', { name }).click();
    }
    const { log } = answers.at(-1)!;
    await eventually('the votes', async () => (await admin<Judged>('GET', `/v5/logs/${log}`)).evaluator_logs.length > 0, 20_000);
  };
  const experiment = () => admin<Experiment>('GET', `/v5/experiments/${experimentUrl.split('/').at(-1)}`);

  it('is explained where there was none yet', async () => {
    await page.goto(`${whetstone.url}/w/demo/files/${classify}`);
    await page.getByRole('navigation', { name: 'Pages of this file' }).getByRole('link', { name: 'Experiments' }).click();
    await page.getByText('Some of your users get another version').waitFor();
  });

  it('is made from the page of a prompt, and says what starting it means', { timeout: 120_000 }, async () => {
    await page.goto(`${whetstone.url}/w/demo/files/${prompt}`);
    await page.getByRole('navigation', { name: 'Pages of this file' }).getByRole('link', { name: 'Experiments' }).click();
    // What the demo's own experiment found, which decided what is deployed.
    await page.getByText('Do the articles help?').waitFor();
    await page.getByRole('link', { name: 'New experiment' }).first().click();
    const arms = page.getByRole('list', { name: 'Arms' });
    await arms.getByText('deployed now').waitFor();
    await arms.getByText('broken').waitFor();
    await page.getByRole('button', { name: 'Add a version' }).click();
    await page.getByRole('menuitem', { name: /fast and short/ }).click();
    await arms.getByText('fast and short').waitFor();
    await page.getByRole('radio', { name: /More good votes/ }).check();
    await page.getByLabel('Smallest difference worth having').fill('20');
    await page.getByLabel('A user counts after').fill('0.01');
    await page.getByRole('complementary', { name: 'Plan' }).getByText('What it takes').waitFor();
    await page.getByLabel('Name').fill('Shorter answers');
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
    const card = page.getByRole('article', { name: 'Arm fast and short' });
    await card.waitFor();
    const before = await card.textContent();
    for (let turn = 0; turn < 4; turn += 1) await visit(30);
    await expect.poll(() => card.textContent(), { timeout: 60_000 }).not.toBe(before);
    await expect.poll(() => page.getByLabel('Verdict').textContent(), { timeout: 60_000 }).toMatch(/users counted/);
  });

  it('stops an arm that fails, by itself, and says why', { timeout: 240_000 }, async () => {
    const stopped = () => experiment().then(({ arms }) => arms.filter((arm) => arm.state === 'stopped').length === 1);
    const until = Date.now() + 200_000;
    while (!(await stopped()) && Date.now() < until) await visit(30);
    expect(await stopped()).toBe(true);
    const card = page.getByRole('article', { name: 'Arm broken' });
    await card.getByText('stopped', { exact: true }).waitFor({ timeout: 30_000 });
    await card.getByText(/Stopped:/).waitFor();
    // Its users get control from then on.
    expect(await Promise.all(Array.from({ length: 12 }, (_, turn) => ask(`later-${turn}`)))).not.toContain(null);
  });

  it('finds the better version, promotes it, and the deployment leads back to the evidence', { timeout: 300_000 }, async () => {
    const verdict = page.locator('[data-verdict]');
    const until = Date.now() + 240_000;
    await verdict.waitFor();
    while ((await verdict.getAttribute('data-verdict')) !== 'better' && Date.now() < until) await visit(30);
    expect(await verdict.textContent()).toMatch(/fast and short is better by/);
    expect(await accessProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Promote' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The evidence', { exact: true }).waitFor();
    await dialog.getByText(/Nobody/).click();
    await dialog.getByRole('button', { name: 'Deploy fast and short to production' }).click();
    await page.getByText('promoted', { exact: true }).first().waitFor();
    expect((await experiment()).state).toBe('promoted');
    expect(await Promise.all(['user-1', 'user-2', 'new'].map(ask))).toEqual(Array(3).fill(expect.objectContaining({ quick: true })));
    await page.goto(`${whetstone.url}/w/demo/files/${prompt}/deployments`);
    await page.getByText(/Promoted fast and short of experiment/).waitFor();
    await page.getByRole('link', { name: 'the experiment' }).first().click();
    await page.waitForURL(experimentUrl);
    expect(seen.problems).toEqual([]);
    expect(seen.elsewhere).toEqual([]);
  });

  it('stands in the way of another deployment, which stops it and deploys with one button', { timeout: 60_000 }, async () => {
    const { records } = await admin<{ records: Version[] }>('GET', `/v5/prompts/${prompt}/versions`);
    const larger = records.find(({ version_name }) => version_name === 'larger model')?.version_id;
    const drafted = await admin<Experiment>('POST', '/v5/experiments', {
      name: 'Once more',
      file_id: prompt,
      arms: [{ weight: 0.5 }, { version_id: larger, weight: 0.5 }],
      metric: { value: 'vote:good' },
      smallest_difference: 0.1,
    });
    await admin('POST', `/v5/experiments/${drafted.id}/start`);
    await page.goto(`${whetstone.url}/w/demo/files/${prompt}/deployments`);
    await page.getByRole('button', { name: 'Change' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Version' }).click();
    await page.getByRole('option', { name: /larger model/ }).click();
    await dialog.getByText('The experiment “Once more” runs here').waitFor();
    await dialog.getByRole('button', { name: /^Stop the experiment and deploy/ }).click();
    await page.getByText(/^Deployed to production/).waitFor();
    expect((await admin<Experiment>('GET', `/v5/experiments/${drafted.id}`)).state).toBe('stopped');
    const [production] = await admin<{ file: { version_id: string } }[]>('GET', `/v5/prompts/${prompt}/environments`);
    expect(production?.file.version_id).toBe(larger);
  });

  it('says in the form which gate lets an arm not in, with a way for an admin', { timeout: 60_000 }, async () => {
    const { records } = await admin<{ records: Version[] }>('GET', `/v5/prompts/${prompt}/versions`);
    const broken = records.find(({ version_name }) => version_name === 'broken')?.version_id;
    const [production] = await admin<{ id: string }[]>('GET', `/v5/prompts/${prompt}/environments`);
    await admin('PUT', `/v5/environments/${production?.id}/gates`, { gates: [{ evaluation: 'before release', file_id: prompt }] });
    const drafted = await admin<Experiment>('POST', '/v5/experiments', {
      name: 'Behind a gate',
      file_id: prompt,
      arms: [{ weight: 0.5 }, { version_id: broken, weight: 0.5 }],
      metric: { value: 'vote:good' },
      smallest_difference: 0.1,
    });
    await page.goto(`${whetstone.url}/w/demo/experiments/${drafted.id}`);
    await page.getByRole('button', { name: 'Start' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Start in production' }).click();
    await dialog.getByText('production does not let an arm in').waitFor();
    await dialog
      .getByRole('listitem')
      .getByText(/before release/)
      .waitFor();
    expect((await admin<Experiment>('GET', `/v5/experiments/${drafted.id}`)).state).toBe('draft');
    await dialog.getByLabel('Start all the same, because').fill('It is a test.');
    await dialog.getByRole('button', { name: 'Start in production' }).click();
    await page.getByText('running', { exact: true }).waitFor();
    await admin('POST', `/v5/experiments/${drafted.id}/stop`, {});
  });

  it('warns of a gate that names what nobody made', async () => {
    await page.goto(`${whetstone.url}/w/demo/settings/environments`);
    await page.getByRole('listitem').filter({ hasText: 'staging' }).getByRole('button').click();
    await page.getByRole('menuitem', { name: /Gates/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name of the evaluation').fill('Nobody made this');
    await dialog.getByText('No evaluation has this name yet. Until one has, this gate stops nothing.').waitFor();
    await dialog.getByLabel('Name of the evaluation').fill('');
    await dialog.getByText('No evaluation has this name yet', { exact: false }).waitFor({ state: 'detached' });
    expect(await accessProblems(page)).toEqual([]);
  });
});
