import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, watch } from './browser.ts';
import { byKey, caller, type Caller } from './send.ts';
import { owner, startWhetstone, type Whetstone } from './whetstone.ts';

/** A dataset as a person makes it: by hand, from a spreadsheet, a file, logs and a model; and what versions differ by. */
describeInBrowser('a dataset in the browser', () => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let admin: Caller;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  let id: string;
  let written = '';

  beforeAll(async () => {
    provider = await startFakeProvider({ behave: () => ({ text: written }) });
    whetstone = await startWhetstone({ env: { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: `${provider.url}/v1` } });
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    const datapoints = [
      { inputs: { question: 'Where is my parcel?' }, target: { intent: 'tracking' } },
      { inputs: { question: 'where is my parcel' }, target: { intent: 'refund' } },
      { inputs: { question: 'Cancel my order' }, target: { intent: 'cancel' } },
    ];
    id = (await admin<{ id: string }>('POST', '/v5/datasets', { path: 'shop/cases', datapoints })).id;
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    seen = watch(page, whetstone.url);
  });
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
    await provider?.close();
  });

  const cell = (text: string) => page.getByRole('gridcell', { name: text, exact: true });
  const saved = async () => {
    const { records } = await admin<{ records: { inputs: Record<string, string>; target: unknown; tags: string[]; metadata: unknown }[] }>(
      'GET',
      `/v5/datasets/${id}/datapoints?size=100&version_id=${await newest()}`,
    );
    return records;
  };
  const newest = async () =>
    (await admin<{ records: { version_id: string }[] }>('GET', `/v5/datasets/${id}/versions`)).records[0]?.version_id ?? '';
  const paste = (text: string) =>
    page.evaluate<void>(`(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', ${JSON.stringify(text)});
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      document.querySelector('[role=grid]').dispatchEvent(event);
    })()`);
  const status = (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();

  it(
    'is edited by keyboard: type, paste, undo, add, remove; what differs is counted and saved with a reason',
    { timeout: 60_000 },
    async () => {
      await page.goto(`${whetstone.url}/w/main/files/${id}`);
      await cell('Cancel my order').click();
      await page.keyboard.type('Cancel it');
      await page.keyboard.press('Enter');
      await status('1 changed');
      await page.keyboard.press('Control+Enter');
      await paste('New one\tbuy\n"Two\nlines"\tbuy\n');
      await status('2 added, 1 changed');
      await page.keyboard.press('Control+z');
      await status('1 changed');
      await page.keyboard.press('Control+y');
      await status('2 added, 1 changed');
      await cell('where is my parcel').click();
      await page.keyboard.press('Control+Delete');
      await status('2 added, 1 changed, 1 removed');
      expect(await accessProblems(page)).toEqual([]);
      await page.keyboard.press('Control+s');
      await page.getByLabel('Why').fill('Mend the cases');
      await page.getByRole('dialog').getByRole('button', { name: 'Save version' }).click();
      await page.getByText('Version saved').waitFor();
      expect((await saved()).map(({ inputs, target }) => [inputs['question'], target])).toEqual([
        ['Where is my parcel?', { intent: 'tracking' }],
        ['Cancel it', { intent: 'cancel' }],
        ['New one', { intent: 'buy' }],
        ['Two\nlines', { intent: 'buy' }],
      ]);
    },
  );

  it('says what changed, and does not overwrite what somebody saved meanwhile', async () => {
    await page.getByRole('link', { name: 'What changed' }).click();
    await page.getByText('3 added').waitFor();
    await page.getByText('2 removed').waitFor();
    await page.getByRole('link', { name: 'Content' }).click();
    await cell('Cancel it').click();
    await page.keyboard.type('Mine');
    await page.keyboard.press('Enter');
    await admin('POST', '/v5/datasets', { id, action: 'add', datapoints: [{ inputs: { question: 'Theirs' } }] });
    await page.keyboard.press('Control+s');
    await page.getByRole('dialog').getByRole('button', { name: 'Save version' }).click();
    await page.getByText('Somebody saved another version').waitFor();
    expect((await saved()).map(({ inputs }) => inputs['question'])).toContain('Theirs');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Discard' }).click();
  });

  it('takes a file whose columns are mapped, and lists the rows that it skipped', { timeout: 60_000 }, async () => {
    await page.reload();
    await page.getByRole('button', { name: 'Import' }).click();
    const buffer = Buffer.from('\ufeffask,want,topic\nWhy so late?,tracking,slow\nragged\nWhere?,,slow\n');
    await page.setInputFiles('input[type=file]', { name: 'cases.csv', mimeType: 'text/csv', buffer });
    await page.getByText('Line 3: it has 1 cell, the first row names 3').waitFor();
    await page.getByLabel('Name of the input for ask').fill('question');
    await page.getByLabel('What want becomes').click();
    await page.getByRole('option', { name: /Key of the target/ }).click();
    await page.getByLabel('Key of the target for want').fill('intent');
    await page.getByLabel('What topic becomes').click();
    await page.getByRole('option', { name: /^Tags/ }).click();
    const run = page.getByRole('dialog').getByRole('button', { name: /^Import 3 rows/ });
    await run.click();
    await page.getByText('Nothing was imported').waitFor();
    await page.getByLabel('Skip bad rows').check();
    await run.click();
    await page.getByText('One row is bad').waitFor();
    await page.getByRole('button', { name: 'Show the datapoints' }).click();
    await cell('Why so late?').waitFor();
    expect((await saved()).find(({ inputs }) => inputs['question'] === 'Why so late?')).toMatchObject({
      target: { intent: 'tracking' },
      tags: ['slow'],
    });
  });

  it('asks a model for more, and keeps what a person accepted', async () => {
    written = JSON.stringify({
      datapoints: [
        { inputs: { question: 'My blue bicycle came without a saddle' }, target: { intent: 'complaint' } },
        { inputs: { question: 'WHERE IS MY PARCEL' }, target: { intent: 'tracking' } },
        { inputs: { question: 'Do you deliver to Norway on Sundays?' }, target: { intent: 'shipping' } },
      ],
    });
    await page.getByRole('button', { name: 'Generate' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Write/ })
      .click();
    await page.getByText('1 said what is there already').waitFor();
    await page.getByRole('listbox', { name: 'Proposals' }).focus();
    await page.keyboard.press('a');
    await page.keyboard.press('r');
    await page.getByRole('button', { name: 'Save 1 accepted' }).click();
    await cell('My blue bicycle came without a saddle').waitFor();
    expect((await saved()).at(-1)).toMatchObject({ tags: ['generated'], target: { intent: 'complaint' } });
  });

  it('finds what is there twice', async () => {
    await admin('POST', '/v5/datasets', {
      id,
      action: 'add',
      datapoints: [{ inputs: { question: 'WHERE is my parcel??' } }, { inputs: { question: 'Is it green?' } }],
    });
    await page.reload();
    await page.getByRole('button', { name: 'Duplicates' }).click();
    await page.getByText('Targets differ').waitFor();
    await page.getByRole('button', { name: /^Remove 1 with the same text/ }).click();
    await status('1 removed');
    await page.getByRole('button', { name: 'Save version' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save version' }).click();
    await page.getByText('Version saved').waitFor();
    expect((await saved()).filter(({ inputs }) => /parcel/i.test(inputs['question'] ?? ''))).toHaveLength(1);
  });

  it('takes logs, with what a person wrote as the target', async () => {
    const log = await admin<{ id: string }>('POST', '/v5/prompts/log', {
      path: 'shop/answer',
      prompt: { model: 'gpt-4o-mini', template: [{ role: 'user', content: '{{question}}' }] },
      inputs: { question: 'Is it waterproof?' },
      messages: [{ role: 'user', content: 'Is it waterproof?' }],
      output: 'No',
    });
    await admin('POST', '/v5/evaluators/log', { path: 'feedback/correction', parent_id: log.id, judgment: 'Yes, to 10 metres' });
    await page.goto(`${whetstone.url}/w/main/logs/${log.id}`);
    await page.getByRole('button', { name: 'Add to dataset' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The correction').click();
    await dialog.getByRole('button', { name: 'Add to dataset' }).click();
    await dialog.getByText('1 added').waitFor();
    await dialog.getByRole('button', { name: 'Open the dataset' }).click();
    await cell('Is it waterproof?').waitFor();
    expect((await saved()).at(-1)).toMatchObject({
      inputs: { question: 'Is it waterproof?' },
      target: { output: 'Yes, to 10 metres' },
      metadata: { log_id: log.id },
    });
  });

  it('nothing broke', () => {
    expect(seen).toEqual({ problems: [], elsewhere: [], dialogs: [] });
  });
});
