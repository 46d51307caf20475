import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, phone, watch } from './browser.ts';
import { byKey, caller, type Caller } from './send.ts';
import { owner, startWhetstone, type Whetstone } from './whetstone.ts';

/** What each kind of file shows of itself, as somebody reads who did not make it. */
describeInBrowser('files of every kind in the browser', () => {
  let whetstone: Whetstone;
  let admin: Caller;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    whetstone = await startWhetstone();
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    const make = async (kind: string, name: string, body: object) => {
      ids[name] = (await admin<{ id: string }>('POST', `/v5/${kind}`, { path: `shop/${name}`, ...body })).id;
    };
    const parameters = {
      type: 'object',
      properties: { order_id: { type: 'string', description: 'On the receipt' } },
      required: ['order_id'],
    };
    await make('tools', 'order', {
      tool_type: 'get_api_call',
      function: { name: 'get_order', description: 'One order', parameters },
      setup_values: { url: 'https://api.example.com/orders/{{order_id}}', headers: { authorization: 'Bearer {{env.SHOP_TOKEN}}' } },
    });
    await make('tools', 'style', { tool_type: 'snippet', setup_values: { snippets: [{ key: 'tone', value: 'Be kind.' }] } });
    await make('agents', 'agent', {
      model: 'demo-small',
      max_iterations: 4,
      template: [{ role: 'system', content: 'Help customers of {{company}}.' }],
      tools: [
        { type: 'file', link: { file_id: ids['order'] } },
        { type: 'inline', json_schema: { name: 'give_up', description: 'End here' }, on_agent_call: 'stop' },
      ],
    });
    const datapoints = Array.from({ length: 150 }, (_, at) => ({
      inputs: { question: `Case ${at + 1}` },
      target: { answer: { yes: at % 2 } },
    }));
    await make('datasets', 'cases', { datapoints });
    await make('datasets', 'none', { datapoints: [] });
    const spec = { evaluator_type: 'llm', arguments_type: 'target_free', return_type: 'boolean' };
    await make('evaluators', 'polite', { spec: { ...spec, prompt: { model: 'demo-small', template: 'Is this polite? {{log.output}}' } } });
    await make('flows', 'turn', { attributes: { retriever: 'hybrid' } });
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    seen = watch(page, whetstone.url);
  });
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
  });

  const open = (name: string, where = page) => where.goto(`${whetstone.url}/w/main/files/${ids[name]}`);

  it('an agent shows what it is told and its tools, and leads to those that are files', async () => {
    await open('agent');
    await page.getByText('{{company}}').waitFor();
    await page.getByText('give_up').waitFor();
    await page.getByText('ends the turn').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'shop/order' }).click();
    await page.waitForURL(new RegExp(`/files/${ids['order']}`));
  });

  it('a tool says what a call of it does, and takes its secrets without showing them again', async () => {
    await page.getByText('A call is one HTTP request by the server').waitFor();
    await page.getByText('On the receipt', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Set variable' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('SHOP_TOKEN');
    await dialog.getByLabel('Value').fill('not-to-be-seen-4711');
    await dialog.getByRole('button', { name: 'Set variable' }).click();
    await page.getByRole('button', { name: 'Delete SHOP_TOKEN' }).waitFor();
    expect(await page.textContent('main')).not.toContain('not-to-be-seen');
    await page.getByRole('button', { name: 'Delete SHOP_TOKEN' }).click();
    await dialog.getByRole('button', { name: 'Delete variable' }).click();
    await page.getByText(/Secrets belong here/).waitFor();
    expect(await admin('GET', `/v5/tools/${ids['order']}/environment-variables`)).toEqual([]);
  });

  it('a dataset is a table that goes on to its last row, and a row opens beside it', async () => {
    await open('cases');
    await page.getByText('150 datapoints').waitFor();
    await expect
      .poll(() => page.getByRole('columnheader').allInnerTexts())
      .toEqual(['#', 'Input question', 'Target answer', 'Split', 'Tags']);
    await page.getByRole('button', { name: 'Open row 2', exact: true }).click();
    const row = page.getByRole('complementary', { name: 'Row 2' });
    expect(await row.getByLabel('Target answer').inputValue()).toBe('{"yes":1}');
    await row.getByRole('button', { name: 'Close' }).click();
    await page.keyboard.press('Control+End');
    await page.getByRole('gridcell', { name: 'Case 150', exact: true }).waitFor();
    await open('none');
    await page.getByText(/No datapoints/).waitFor();
  });

  it('every one of them can be read by everybody, on a phone', { timeout: 120_000 }, async () => {
    const small = await ownersPage(browser, whetstone.url, owner, phone);
    for (const name of Object.keys(ids)) {
      await open(name, small);
      await small.getByText(/^saved/).waitFor();
      expect([name, await accessProblems(small)]).toEqual([name, []]);
      expect([name, await small.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth')]).toEqual([name, true]);
    }
    await small.context().close();
  });

  it('nothing broke', () => {
    expect(seen).toEqual({ problems: [], elsewhere: [], dialogs: [] });
  });
});
