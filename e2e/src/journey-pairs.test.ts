import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, watch } from './browser.ts';
import { byKey, caller, type Caller } from './send.ts';
import { eventually, owner, startWhetstone, type Whetstone } from './whetstone.ts';

interface Run {
  id: string;
  status: string;
  stopped_because: string | null;
  stopped_message: string | null;
  progress: { done: number; total: number; cost_usd: number | null };
}

/** A judge that compares two answers, from the editor to the report; and a run that reached its cap, taken further by its button. */
describeInBrowser('two answers compared, in the browser', () => {
  let whetstone: Whetstone;
  let admin: Caller;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  let judge = { id: '', version_id: '' };
  const versions: { version_id: string }[] = [];
  let dataset = { version_id: '' };

  beforeAll(async () => {
    whetstone = await startWhetstone();
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    for (const words of ['Answer.', 'Be kind.'])
      versions.push(
        await admin<{ version_id: string }>('POST', '/v5/prompts', {
          path: 'shop/answer',
          model: 'demo-small',
          template: [
            { role: 'system', content: words },
            { role: 'user', content: '{{question}}' },
          ],
        }),
      );
    dataset = await admin('POST', '/v5/datasets', {
      path: 'shop/cases',
      datapoints: Array.from({ length: 30 }, (_, at) => ({ inputs: { question: `Where is parcel ${at}?` } })),
    });
    for (const output of ['It comes tomorrow, dear friend.', 'No idea.'])
      await admin('POST', '/v5/prompts/log', {
        path: 'shop/answer',
        prompt: { model: 'demo-small', template: 'Answer.' },
        messages: [{ role: 'user', content: 'Where is it?' }],
        inputs: { question: 'Where is it?' },
        output,
      });
    judge = await admin('POST', '/v5/evaluators', {
      path: 'judges/kinder',
      spec: {
        evaluator_type: 'llm',
        arguments_type: 'target_free',
        return_type: 'boolean',
        prompt: { model: 'demo-small', template: [{ role: 'user', content: 'Is it kind?\n{{log.output}}' }] },
      },
    });
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    seen = watch(page, whetstone.url);
  });
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
  });

  const runsOf = async (id: string): Promise<Run[]> => (await admin<{ runs: Run[] }>('GET', `/v5/evaluations/${id}/runs`)).runs;
  const begin = (id: string, version: { version_id: string }, more: object = {}): Promise<Run> =>
    admin<Run>('POST', `/v5/evaluations/${id}/runs`, {
      version: { version_id: version.version_id },
      dataset: { version_id: dataset.version_id },
      orchestrated: true,
      ...more,
    });
  const stands = (id: string, status: string): Promise<boolean> =>
    eventually(`runs that are ${status}`, async () => (await runsOf(id)).every((run) => run.status === status), 90_000);

  it('one switch in the editor has a judge compare two answers, and it is tried on two logs', { timeout: 120_000 }, async () => {
    await page.goto(`${whetstone.url}/w/main/files/${judge.id}`);
    await page.getByLabel('Compares two answers').check();
    await page.getByText('{{second.output}}').first().waitFor();
    await page.getByLabel('The answer that the others are compared with').waitFor();
    await page.getByRole('button', { name: 'This log' }).click();
    await page.getByText(/This answer first: (better|tie|worse) · The other first: (better|tie|worse)/).waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await page.getByRole('button', { name: /^Save/ }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').last().fill('Compares two');
    await dialog.getByRole('button', { name: /Save/ }).click();
    await page.waitForURL(/version=/);
    const saved = await admin<{ version_id: string; spec: { pairwise?: boolean; return_type: string } }>(
      'GET',
      `/v5/evaluators/${judge.id}?version_id=${new URL(page.url()).searchParams.get('version') ?? ''}`,
    );
    expect(saved.spec).toMatchObject({ pairwise: true, return_type: 'select' });
    judge.version_id = saved.version_id;
  });

  it('the report tells wins, ties, losses and what the order did', { timeout: 180_000 }, async () => {
    const { id } = await admin<{ id: string }>('POST', '/v5/evaluations', {
      name: 'Which is kinder',
      evaluators: [{ version_id: judge.version_id }],
    });
    for (const version of versions) await begin(id, version);
    await stands(id, 'completed');
    await page.goto(`${whetstone.url}/w/main/evaluations/${id}`);
    const pairs = page.getByRole('list', { name: 'Answers compared in pairs' });
    await pairs.getByText('30 pairs', { exact: true }).waitFor();
    await pairs.getByText(/^won \d+/).waitFor();
    await pairs.getByText(/Position bias: in \d+ of 30 pairs|said the same in both orders/).waitFor();
    expect(await accessProblems(page)).toEqual([]);
  });

  it(
    'a run that reached its cap goes on by its button with a higher one, which is told without names of fields',
    { timeout: 180_000 },
    async () => {
      const { id } = await admin<{ id: string }>('POST', '/v5/evaluations', { name: 'Capped', evaluators: [] });
      await begin(id, versions[0] as { version_id: string });
      await stands(id, 'completed');
      const [whole] = await runsOf(id);
      const run = await begin(id, versions[1] as { version_id: string }, { max_cost_usd: (whole?.progress.cost_usd ?? 0) / 3 });
      const stopped = await eventually(
        'the cap',
        async () => (await runsOf(id)).find((each) => each.id === run.id && each.stopped_because === 'cost') ?? null,
        60_000,
      );
      expect(stopped.stopped_message).not.toMatch(/[`_]/);
      expect(stopped.progress.done).toBeLessThan(30);
      await page.goto(`${whetstone.url}/w/main/evaluations/${id}`);
      await page.getByText(stopped.stopped_message ?? '').waitFor();
      await page.getByLabel('New cap in USD').fill('1');
      await page.getByRole('button', { name: 'Resume' }).click();
      await stands(id, 'completed');
      expect((await runsOf(id)).map(({ progress }) => progress.done)).toEqual([30, 30]);
      await page.getByText(stopped.stopped_message ?? '').waitFor({ state: 'detached' });
      expect(seen).toEqual({ problems: [], elsewhere: [], dialogs: [] });
    },
  );
});
