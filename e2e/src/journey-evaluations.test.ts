import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, phone, watch } from './browser.ts';
import { byKey, caller, type Caller } from './send.ts';
import { owner, startWhetstone, type Whetstone } from './whetstone.ts';

const cases = 60;
/**
 * The plain version passes every third case, the kind one all but every tenth: of 60 cases it gets 36 right that the other
 * got wrong, and wrong the two that are multiples of thirty.
 */
const judge = `export function evaluate(log) {
  const number = Number(log.inputs.number);
  const kind = JSON.stringify(log.prompt.template).includes('Be kind');
  const value = kind ? number % 10 !== 0 : number % 3 === 0;
  return { value, reason: 'case ' + number + (value ? ' is fine' : ' is not') };
}`;

/** From two versions of a prompt to the case that got worse, as somebody does who wants to know whether to deploy. */
describeInBrowser('evaluations in the browser', () => {
  let whetstone: Whetstone;
  let admin: Caller;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  let promptId = '';
  let report = '';

  beforeAll(async () => {
    whetstone = await startWhetstone();
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    const prompt = (words: string, why: string) =>
      admin<{ id: string }>('POST', '/v5/prompts', {
        path: 'shop/answer',
        model: 'demo-small',
        template: [
          { role: 'system', content: words },
          { role: 'user', content: '{{question}} ({{number}})' },
        ],
        version_description: why,
      });
    promptId = (await prompt('Answer.', 'Plain')).id;
    await prompt('Be kind.', 'Kinder');
    await admin('POST', '/v5/datasets', {
      path: 'shop/cases',
      datapoints: Array.from({ length: cases }, (_, at) => ({
        inputs: { question: at % 2 === 0 ? 'Where is my parcel?' : 'How do I get my money back?', number: String(at + 1) },
        target: { answer: 'It depends.' },
      })),
    });
    await admin('POST', '/v5/evaluators', {
      path: 'judges/fine',
      spec: {
        evaluator_type: 'python',
        language: 'javascript',
        arguments_type: 'target_free',
        return_type: 'boolean',
        code: judge,
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

  it('a workspace without evaluations teaches how to make one', async () => {
    await page.goto(`${whetstone.url}/w/main/evaluations`);
    await page.getByRole('heading', { name: 'No evaluations yet' }).waitFor();
    await page.getByText('"evaluators": [{ "path": "judges/fine" }]').waitFor();
    expect(await accessProblems(page)).toEqual([]);
  });

  it('two versions are run over a dataset, with an estimate and a plan beforehand', { timeout: 120_000 }, async () => {
    await page.goto(`${whetstone.url}/w/main/files/${promptId}/evaluations`);
    await page.getByRole('link', { name: 'Evaluate', exact: true }).click();
    await page.getByText('2 versions × 60 cases').or(page.getByText('Choose at least one evaluator.')).first().waitFor();
    await page.getByLabel('Judge by judges/fine').check();
    await page.getByText(/With 60 cases a difference of \d/).waitFor();
    await page.getByText('120 calls').waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await page.getByLabel('Name', { exact: true }).fill('Kind or plain');
    await page.getByRole('button', { name: 'Run evaluation' }).click();
    await page.waitForURL(/\/evaluations\/evr_/);
    report = page.url();
    await page.locator('[data-verdict="better"]').waitFor({ timeout: 60_000 });
  });

  it('the verdict stands in a sentence, before the figures that it rests on', async () => {
    expect(await page.locator('[data-verdict]').innerText()).toMatch(/better/);
    const card = page.getByRole('article', { name: 'fine' });
    await card.getByText('decides').waitFor();
    expect(await card.getByRole('row').count()).toBe(2);
    expect((await card.innerText()).replaceAll('\u202f', ' ')).toMatch(/33 %[\s\S]*90 %[\s\S]*better[\s\S]*\+56\.7 points/);
    await card.getByRole('button', { name: '36 better' }).waitFor();
    expect(await accessProblems(page)).toEqual([]);
  });

  it('the cases that got worse are two presses away, and open by the keyboard', async () => {
    await page.getByRole('button', { name: '2 worse' }).click();
    await page.waitForURL(/filter=worse/);
    await expect.poll(() => page.locator('[data-case]').count(), { timeout: 20_000 }).toBe(2);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const open = page.getByRole('complementary', { name: 'Case' });
    await open.getByRole('heading', { name: 'Case 30' }).waitFor();
    await open.getByText('case 30 is fine').waitFor();
    await open.getByText('case 30 is not').waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await page.keyboard.press('j');
    await open.getByRole('heading', { name: 'Case 60' }).waitFor();
    expect(page.url()).toMatch(/case=dp_/);
    await page.keyboard.press('Escape');
    await expect.poll(() => open.count(), { timeout: 10_000 }).toBe(0);
  });

  it('a link shows a colleague the same case; its answer goes on in the playground', async () => {
    await page.locator('[data-case]').first().click();
    await page.getByRole('heading', { name: 'Case 30' }).waitFor();
    const link = page.url();
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByRole('complementary', { name: 'Case' }).getByText('case 30 is not').waitFor();
    await page.keyboard.press('e');
    await page.waitForURL(/\/logs\/log_\w+\/playground/);
    await page.getByText('Be kind.').first().waitFor();
  });

  it('another run can be the baseline, for this reader or for everybody', async () => {
    await page.goto(report);
    await page.locator('[data-verdict="better"]').waitFor();
    await page
      .getByRole('button', { name: /^More about (?!the)/ })
      .last()
      .click();
    await page.getByRole('menuitem', { name: /here only/ }).click();
    await page.waitForURL(/baseline=/);
    await page.locator('[data-verdict="worse"]').waitFor();
  });

  it('what decides can be changed afterwards, and the report says that it was', async () => {
    await page.goto(report);
    await page.locator('[data-verdict="better"]').waitFor();
    await page.getByRole('button', { name: 'Settings' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Smallest difference/).fill('10');
    await dialog.getByText('There are judgments already').waitFor();
    await dialog.getByLabel(/^Hard rule/).fill('50');
    expect(await accessProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save settings' }).click();
    await page.getByRole('region', { name: 'Verdict' }).getByText('exploratory', { exact: true }).waitFor();
    await page.getByText(/^Hard rule: Broken/).waitFor();
  });

  it('another version joins, and every run is held against every other', { timeout: 120_000 }, async () => {
    await admin('POST', '/v5/prompts', {
      path: 'shop/answer',
      model: 'demo-small',
      template: [
        { role: 'system', content: 'Be kind and short.' },
        { role: 'user', content: '{{question}} ({{number}})' },
      ],
      version_description: 'Kind and short',
    });
    await page.goto(report);
    await page.getByRole('button', { name: 'Add version' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox').check();
    await dialog.getByText('60 calls').waitFor();
    await dialog.getByRole('button', { name: 'Run 1 version' }).click();
    const matrix = page.getByRole('region', { name: 'Every run against every other' });
    await expect.poll(() => matrix.getByText('better').count(), { timeout: 60_000 }).toBe(2);
    expect(await accessProblems(page)).toEqual([]);
  });

  it('the list says what was found, also on a phone', { timeout: 120_000 }, async () => {
    const small = await ownersPage(browser, whetstone.url, owner, phone);
    const narrow = () => small.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth');
    await small.goto(`${whetstone.url}/w/main/evaluations`);
    await small
      .getByRole('row', { name: /Kind or plain/ })
      .getByText('better')
      .waitFor();
    expect([await accessProblems(small), await narrow()]).toEqual([[], true]);
    await small.getByRole('row', { name: /Kind or plain/ }).click();
    await small.locator('[data-case]').first().waitFor();
    expect([await accessProblems(small), await narrow()]).toEqual([[], true]);
    await small.locator('[data-case]').first().click();
    await small.getByRole('complementary', { name: 'Case' }).getByText('Should come out').waitFor();
    expect([await accessProblems(small), await narrow()]).toEqual([[], true]);
    await small.context().close();
  });

  it('nothing broke', () => {
    expect(seen).toEqual({ problems: [], elsewhere: [], dialogs: [] });
  });
});
