import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, watch } from './browser.ts';
import { byKey, caller, cookieOf, type Caller, send } from './send.ts';
import { eventually, owner, startWhetstone, type Whetstone } from './whetstone.ts';

const cli = resolve(import.meta.dirname, '../../sdk/src/cli/main.ts');
const python = spawnSync('python3', ['--version']).status === 0;
const patient = { timeout: 120_000 };

/** The demo's search puts the best article first. Its large model keeps to it, its fast one takes the next one every other time. */
const evaluator = `import re

def evaluate(log):
    """The first article found fits best: an answer should come from it."""
    best = log["inputs"]["context"].split("\\n\\n")[0]
    said = [one for one in re.split(r"(?<=[.!?])\\s+", log["output"]) if len(one) > 20]
    used = [one for one in said if one in best]
    return {"value": len(used) > 0, "reason": "it comes from the first article" if used else "nothing of " + best.split(":")[0]}
`;

interface Version {
  version_id: string;
  version_name: string;
}

const describeWithPython = python
  ? describeInBrowser
  : (name: string, body: () => void) => describe.skip(`${name} (skipped: no python3 on this machine)`, body);

/** One evaluator from the first try on logs to a verdict, a repair, a failing build and a chart of production. */
describeWithPython('an evaluator in three places, in the demo workspace', () => {
  let whetstone: Whetstone;
  let admin: Caller;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  let here: string;
  let key = '';
  const ids = { answer: '', dataset: '', good: '', bad: '', report: '', changed: '' };

  const at = (path: string) => `${whetstone.url}/w/demo/${path}`;
  const dialog = () => page.getByRole('dialog');
  const openCase = () => page.getByRole('complementary', { name: 'Case' });
  const cases = async () => {
    const { records } = await admin<{ records: { datapoints_count: number }[] }>('GET', `/v5/datasets/${ids.dataset}/versions`);
    return records[0]?.datapoints_count ?? 0;
  };

  beforeAll(async () => {
    whetstone = await startWhetstone({ unchecked: true, env: { WHETSTONE_DEMO: '1' } });
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
    ({ key } = await session<{ key: string }>('POST', '/v5/api-keys', { name: 'for the build', role: 'editor' }));
    admin = caller(whetstone.url, byKey(key));
    const { files } = await admin<{ files: { id: string; path: string }[] }>('GET', '/v5/files/tree');
    ids.answer = files.find(({ path }) => path === 'support/answer')?.id ?? '';
    const { records } = await admin<{ records: Version[] }>('GET', `/v5/prompts/${ids.answer}/versions`);
    const named = (name: string) => records.find(({ version_name }) => version_name === name)?.version_id ?? '';
    Object.assign(ids, { good: named('larger model'), bad: named('fast and short') });
    here = mkdtempSync(join(tmpdir(), 'whetstone-journey-'));
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    seen = watch(page, whetstone.url);
  }, 260_000);
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
    if (here !== undefined) rmSync(here, { recursive: true, force: true });
  });

  it('is written in Python, tried on one log and on fifty, saved and deployed', patient, async () => {
    await page.goto(at('files'));
    await page.getByRole('main').getByRole('button', { name: 'New file' }).click();
    await dialog().getByLabel('Kind').click();
    await page.getByRole('option', { name: 'Evaluator' }).click();
    await dialog().getByLabel('Judged by').click();
    await page.getByRole('option', { name: 'Code in Python' }).click();
    await dialog().getByLabel('Path').fill('checks/best-article');
    await dialog().getByRole('button', { name: 'Make evaluator' }).click();
    await page.waitForURL(/\/files\/ev_/);
    const code = page.getByRole('textbox', { name: 'Code in Python' });
    await code.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(evaluator);
    await page.getByText('Called as evaluate(log)').waitFor();
    await page.getByLabel('Logs of which file').click();
    await page.getByRole('option', { name: 'support/answer' }).click();
    await page.getByRole('row').nth(1).click();
    await code.click();
    await page.keyboard.press('Control+Enter');
    await page.getByText(/^1 judged/).waitFor();
    await page.getByRole('button', { name: 'Try on 50' }).click();
    await page.getByText(/^50 judged/).waitFor();
    await page.getByText('it comes from the first article').first().waitFor();
    await page.getByRole('button', { name: /^Save/ }).click();
    await dialog().getByLabel('Why').fill('From the best article');
    await dialog().getByRole('button', { name: 'Save version' }).click();
    await page.getByText('Version saved').waitFor();
    await page.getByText(/^saved (now|\d+\u202f?\s?s ago)/).waitFor();
    await page.getByRole('button', { name: 'Deploy', exact: true }).click();
    await dialog()
      .getByRole('button', { name: /^Deploy/ })
      .click();
    await page.getByText('Deployed to production').waitFor();
    expect(await accessProblems(page)).toEqual([]);
  });

  it('a day of logs becomes a dataset', patient, async () => {
    await page.goto(at(`files/${ids.answer}/logs?range=24h`));
    await page.getByRole('row').nth(3).waitFor();
    await page.getByRole('button', { name: 'Add every log of this list to a dataset' }).click();
    await dialog().getByLabel('Path').fill('support/cases');
    await dialog().getByText('None yet').click();
    await dialog().getByRole('button', { name: 'Add to dataset' }).click();
    await dialog().getByRole('button', { name: 'Open the dataset' }).click();
    await page.waitForURL(/\/files\/ds_/);
    ids.dataset = /\/files\/(ds_\w+)/.exec(page.url())?.[1] ?? '';
    await page.getByRole('gridcell').first().waitFor();
    expect(await cases()).toBeGreaterThan(30);
  });

  it('two versions are run over it, and the report says in a sentence that the candidate is worse, by how much', patient, async () => {
    await page.goto(at(`files/${ids.answer}/evaluations`));
    await page.getByRole('link', { name: 'Evaluate', exact: true }).first().click();
    await page.getByLabel('Judge by checks/best-article').check();
    await page.getByText(/With \d+ cases a difference of \d/).waitFor();
    for (const name of ['larger model', 'fast and short']) expect(await page.getByLabel(`Run ${name}`).isChecked()).toBe(true);
    expect(await accessProblems(page)).toEqual([]);
    await page.getByLabel('Name', { exact: true }).fill('Fast enough?');
    await page.getByRole('button', { name: 'Run evaluation' }).click();
    await page.waitForURL(/\/evaluations\/evr_/);
    ids.report = page.url();
    const verdict = page.locator('[data-verdict="worse"]');
    await verdict.waitFor({ timeout: 60_000 });
    expect(await verdict.innerText()).toMatch(/fast and short[\s\S]*worse[\s\S]*\d+\.\d[\s\S]*\d+\.\d points/);
    expect(await accessProblems(page)).toEqual([]);
  });

  it('a case that flipped is opened in the playground, mended there and added to the dataset', patient, async () => {
    const before = await cases();
    await page
      .getByRole('button', { name: /^\d+ worse$/ })
      .first()
      .click();
    await page.waitForURL(/filter=worse/);
    // The link holds the view: what it shows now are those cases and no others.
    await page.reload();
    await page.locator('[data-case]').first().click();
    const answer = openCase().getByRole('article', { name: /fast and short/ });
    await answer.getByText(/^nothing of \[/).waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await answer.getByRole('link', { name: 'Open in playground' }).click();
    await page.waitForURL(/\/logs\/log_\w+\/playground/);
    await page.getByRole('button', { name: /^Model/ }).click();
    await page.getByPlaceholder('Find, or name any model').fill('demo-large');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '1 change' }).waitFor();
    await page.getByRole('button', { name: /^Rerun/ }).click();
    const now = page.getByRole('region', { name: 'Now' });
    const add = now.getByRole('button', { name: 'Add this answer to a dataset' });
    await add.waitFor();
    const link = (await now.getByRole('link', { name: 'Open the log' }).getAttribute('href')) ?? '';
    ids.changed = /log_\w+/.exec(link)?.[0] ?? '';
    await add.click();
    await dialog().getByRole('button', { name: 'Add to dataset' }).click();
    await dialog().getByText('1 added').waitFor();
    await dialog().getByRole('button', { name: 'Stay here' }).click();
    expect(await cases()).toBe(before + 1);
    const log = await admin<{ output: string; prompt: { model: string } }>('GET', `/v5/logs/${ids.changed}`);
    expect(log.prompt.model).toBe('demo-large');
    await page.goto(at(`files/${ids.dataset}`));
    await page.getByRole('gridcell').first().waitFor();
    expect(await accessProblems(page)).toEqual([]);
  });

  it('in a shell the bad version fails with the reason, the good one passes', patient, async () => {
    const run = (version: string) => {
      const text = 'name: answers in the build\ndata: dataset:support/cases\n';
      writeFileSync(
        join(here, 'answers.eval.yaml'),
        `${text}task: prompt:support/answer@${version}\nscores:\n  - evaluator: checks/best-article\n`,
      );
      return shell(here, ['eval', 'answers.eval.yaml', '--baseline', 'env:production'], {
        WHETSTONE_API_KEY: key,
        WHETSTONE_BASE_URL: whetstone.url,
      });
    };
    const bad = await run(ids.bad);
    expect([bad.code, bad.out]).toEqual([1, expect.stringMatching(/× best-article: .*worse by \d+\.\d to \d+\.\d points/)]);
    const good = await run(ids.good);
    expect([good.code, good.out]).toEqual([0, expect.stringContaining('passed')]);
  });

  it(
    'the same evaluator watches production: calls through the gateway are judged within seconds, and its chart has values',
    patient,
    async () => {
      await page.goto(at(`files/${ids.answer}`));
      await page.getByRole('link', { name: 'Monitoring' }).click();
      await page.getByRole('button', { name: 'Add monitor' }).click();
      await page.getByLabel('Evaluator').click();
      await page.getByRole('option', { name: /checks\/best-article/ }).click();
      await dialog().getByRole('button', { name: 'Add monitor' }).click();
      const section = page.getByRole('region', { name: 'checks/best-article' });
      await section.waitFor();
      const { records } = await admin<{ records: { inputs: Record<string, string> }[] }>(
        'GET',
        `/v5/datasets/${ids.dataset}/datapoints?size=24`,
      );
      const calls = records.map(({ inputs }) => ({ model: 'prompt:support/answer', messages: [], inputs }));
      await Promise.all(calls.map((body) => admin('POST', '/v1/chat/completions', body)));
      await expect.poll(() => section.textContent(), { timeout: 60_000 }).toMatch(/judged\s*24(?!\d)/);
      await section.getByRole('button', { name: /over time/ }).waitFor();
      await section.getByText(/95 % interval/).waitFor();
      expect(await section.textContent()).toMatch(/\d\u202f%/);
      expect(await accessProblems(page)).toEqual([]);
    },
  );

  it('nothing broke', () => {
    expect(seen).toEqual({ problems: [], elsewhere: [], dialogs: [] });
  });
});

function shell(cwd: string, args: string[], env: Record<string, string>): Promise<{ code: number | null; out: string }> {
  return new Promise((done) => {
    const bare = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', NO_COLOR: '1' };
    const child = spawn(process.execPath, [cli, ...args], { cwd, env: { ...bare, ...env } });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (out += part.toString()));
    child.on('close', (code) => done({ code, out }));
  });
}
