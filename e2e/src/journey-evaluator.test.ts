import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, phone, watch } from './browser.ts';
import { byKey, caller, type Caller } from './send.ts';
import { owner, startWhetstone, type Whetstone } from './whetstone.ts';

/** Each step is several pages and trials, on whatever machine. */
const patient = { timeout: 90_000 };

/** Somebody writes an evaluator: in code, from the library, with a model; tries it on real logs, changes it, and sees what flips. */
describeInBrowser('the editor of evaluators', () => {
  let whetstone: Whetstone;
  let admin: Caller;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;

  beforeAll(async () => {
    whetstone = await startWhetstone();
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    // Of 60 answers those with a number divisible by four are long.
    for (let at = 0; at < 60; at += 1) {
      const output = at % 4 === 0 ? `Answer ${at}: ${'and so on '.repeat(10)}` : `Answer ${at}.`;
      await admin('POST', '/v5/prompts/log', {
        path: 'shop/answer',
        prompt: { model: 'demo-small' },
        inputs: { question: `Question ${at}` },
        messages: [{ role: 'user', content: `Question ${at}` }],
        output,
      });
    }
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    seen = watch(page, whetstone.url);
  });
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
  });

  const code = () => page.getByRole('textbox', { name: 'Code in Python' });
  const write = async (text: string) => {
    await code().click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(text);
  };
  const make = async (judgedBy: string, path: string) => {
    await page.goto(`${whetstone.url}/w/main/files`);
    await page.getByRole('main').getByRole('button', { name: 'New file' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Kind').click();
    await page.getByRole('option', { name: 'Evaluator' }).click();
    await dialog.getByLabel('Judged by').click();
    await page.getByRole('option', { name: judgedBy }).click();
    await dialog.getByLabel('Path').fill(path);
    await dialog.getByRole('button', { name: 'Make evaluator' }).click();
    await page.waitForURL(/\/files\/ev_/);
  };

  it('code with an error in it is marked at its place, and the mark goes when it is mended', patient, async () => {
    await make('Code in Python', 'checks/short');
    await page.getByText('Called as evaluate(log, testcase)').waitFor();
    await write('def evaluate(log):\n    return (\n');
    await page.getByText(/^Line 2: /).waitFor();
    await page.locator('.cm-lintRange-error').waitFor();
    await write('import nothing_of_this_name\ndef evaluate(log):\n    return len(log["output"].split()) < 10\n');
    await page.getByText('Not installed here: nothing_of_this_name').waitFor();
    await write('def evaluate(log):\n    print("looking")\n    return len(log["output"].split()) < 10\n');
    await page.getByText('Called as evaluate(log)').waitFor();
    await expect.poll(() => page.locator('.cm-lintRange-error').count()).toBe(0);
  });

  it('the fields of a real log are offered while one types', patient, async () => {
    await page.getByRole('row').nth(1).click();
    await code().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('question = log["inputs"]["q');
    await page.locator('.cm-tooltip-autocomplete').getByText('question', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await write('def evaluate(log):\n    print("looking")\n    return len(log["output"].split()) < 10\n');
    await page.getByText('Called as evaluate(log)').waitFor();
  });

  it('it is tried on one log by a key, and on fifty, without being saved', patient, async () => {
    await code().click();
    await page.keyboard.press('Control+Enter');
    await page.getByText('1 judged', { exact: false }).waitFor();
    await page.getByRole('region', { name: 'Log' }).getByText('looking').waitFor();
    await page.getByRole('button', { name: 'Try on 50' }).click();
    await page.getByText(/^50 judged/).waitFor();
    // Of the newest fifty, 10 to 59, every fourth is long: 12 of them.
    await page.getByRole('cell', { name: '38 of 50' }).waitFor();
    await page
      .getByText('63 % to 86 %')
      .or(page.getByText(/6\d\s% to 8\d\s%/))
      .waitFor();
    const versions = await admin<{ records: unknown[] }>('GET', `/v5/evaluators/${idOf(page)}/versions`);
    expect(versions.records).toHaveLength(1);
    expect(await accessProblems(page)).toEqual([]);
  });

  it('saving asks why; a change after it shows what flips against the saved version', patient, async () => {
    await page.getByRole('button', { name: /^Save/ }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('Counts words');
    await page.getByRole('dialog').getByRole('button', { name: 'Save version' }).click();
    await page.getByText('Version saved').waitFor();
    await page.getByText(/^saved/).waitFor();
    await write(
      'def evaluate(log):\n    words = len(log["output"].split())\n    even = int(log["inputs"]["question"].split()[1]) % 8 == 0\n    return {"value": words < 10 or even, "reason": f"{words} words"}\n',
    );
    await page.getByText('1 change', { exact: true }).waitFor();
    await page.getByText('Compare', { exact: true }).click();
    await page.getByRole('button', { name: 'Run both on 50' }).click();
    // 16, 24, 32, 40, 48 and 56 are long and pass now.
    await page.getByText('6 of 50 judgments flip').waitFor();
    await page.getByText('0 to worse, 6 to better').waitFor();
    expect(await page.getByRole('list', { name: 'Flips' }).getByRole('listitem').count()).toBe(6);
    await page.getByText('Agreement beyond chance').waitFor();
    await page.getByText('None of these logs was judged good or bad by people', { exact: false }).waitFor();
    expect(await accessProblems(page)).toEqual([]);
  });

  it('a draft outlives a reload, and what people said is held against both versions', patient, async () => {
    const logs = await admin<{ records: { id: string; output: string }[] }>('GET', '/v5/logs?size=50');
    const spec = {
      evaluator_type: 'human',
      arguments_type: 'target_free',
      return_type: 'select',
      options: [
        { name: 'good', valence: 'positive' },
        { name: 'bad', valence: 'negative' },
      ],
    };
    for (const log of logs.records.slice(0, 24))
      await admin('POST', '/v5/evaluators/log', {
        path: 'people/vote',
        spec,
        parent_id: log.id,
        judgment: log.output.length > 60 ? 'bad' : 'good',
      });
    await page.reload();
    await page.getByText('your draft from', { exact: false }).waitFor();
    await page.getByText('Compare', { exact: true }).click();
    await page.getByRole('button', { name: 'Run both on 50' }).click();
    const people = page.getByRole('region', { name: 'Against people' });
    await people.getByText('24 of these logs were judged by people.', { exact: false }).waitFor();
    // The saved version finds all six that people call bad, the draft three of them.
    await people
      .getByText(/^100.% *$/)
      .first()
      .waitFor();
    await people.getByText(/^50.% *$/).waitFor();
  });

  it('one of the library is chosen, set by a form, and says where it can run', patient, async () => {
    await page.goto(`${whetstone.url}/w/main/files`);
    await page.getByRole('main').getByRole('button', { name: 'New file' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Kind').click();
    await page.getByRole('option', { name: 'Evaluator' }).click();
    await dialog.getByRole('searchbox', { name: 'Search the library' }).fill('contain');
    await dialog.getByRole('radio', { name: 'Contains' }).check({ force: true });
    expect(await dialog.getByLabel('Path').inputValue()).toBe('checks/contains');
    await dialog.getByRole('button', { name: 'Make evaluator' }).click();
    await page.waitForURL(/\/files\/ev_/);
    await page.getByText('only logs of a datapoint', { exact: false }).waitFor();
    await page.getByLabel('Texts').fill('and so on');
    await page.getByText("Needs the log's text.", { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Try on 50' }).click();
    await page.getByRole('cell', { name: '12 of 50' }).waitFor();
    expect(await accessProblems(page)).toEqual([]);
  });

  it('a model judges with its reasons, each call named with its cost', patient, async () => {
    await make('A model', 'checks/helpful');
    await page.getByRole('button', { name: 'Put log.inputs.question at the end' }).click();
    await page.getByLabel('How many logs').click();
    await page.getByRole('option', { name: 'Newest 10 logs' }).click();
    await page.getByRole('button', { name: 'Try on 10' }).click();
    await page.getByText(/^10 judged/).waitFor();
    await page.getByRole('link', { name: 'its call' }).waitFor();
    expect(await accessProblems(page)).toEqual([]);
  });

  it('it can be read, tried and set on a phone', patient, async () => {
    const small = await ownersPage(browser, whetstone.url, owner, phone);
    await small.goto(page.url());
    await small.getByText(/^saved/).waitFor();
    const narrow = () => small.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth');
    expect(await narrow()).toBe(true);
    await small.getByText('Try it', { exact: true }).first().click();
    await small.getByRole('button', { name: /Try on/ }).waitFor();
    expect([await narrow(), await accessProblems(small)]).toEqual([true, []]);
    await small.context().close();
  });

  it('nothing broke', () => {
    expect(seen).toEqual({ problems: [], elsewhere: [], dialogs: [] });
  });
});

const idOf = (page: Page): string => /\/files\/(ev_\w+)/.exec(page.url())?.[1] ?? '';
