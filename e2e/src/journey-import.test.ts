import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessProblems } from './access.ts';
import { describeInBrowser, launchBrowser, ownersPage, phone, watch } from './browser.ts';
import { byKey, caller, type Caller } from './send.ts';
import { eventually, owner, startWhetstone, type Whetstone } from './whetstone.ts';

const promptId = 'pr_moved000000000000001';
const versionId = 'prv_moved000000000000001';

/** Moving in by the app, moving out again, and telling spans where to go. */
describeInBrowser('import, export and rules for spans in the browser', () => {
  let whetstone: Whetstone;
  let admin: Caller;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'whetstone-moving-'));
    writeExport(join(folder, 'export'));
    whetstone = await startWhetstone();
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    seen = watch(page, whetstone.url);
  });
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const prompts = async () => (await admin<{ records: { id: string; version_id: string }[] }>('GET', '/v5/prompts?size=50')).records;
  const chooser = (name: 'File' | 'Folder'): Locator => page.getByLabel(`${name} to import`);
  /** Figures of a row of the report. */
  const row = (name: string): Promise<string[]> =>
    page
      .getByRole('row', { name: new RegExp(`^${name}`) })
      .locator('td.num, td .num')
      .allInnerTexts();

  it('an empty workspace leads to the import', async () => {
    await page.goto(`${whetstone.url}/w/main`);
    await page.getByRole('link', { name: /Bring what you have elsewhere/ }).click();
    await page.getByRole('heading', { name: 'Import', exact: true }).waitFor();
    expect(await accessProblems(page)).toEqual([]);
  });

  it('what is no export is refused with what to choose instead', async () => {
    writeFileSync(join(folder, 'letter.txt'), 'Dear Humanloop');
    await chooser('File').setInputFiles(join(folder, 'letter.txt'));
    const alert = page.getByRole('alert');
    await alert.getByText('It could not be checked').waitFor();
    expect(await alert.innerText()).toContain('files/<file id>/file.json');
    await page.getByRole('button', { name: 'Choose another' }).click();
  });

  it('a folder is packed and looked at, and nothing changes', async () => {
    await chooser('Folder').setInputFiles(join(folder, 'export'));
    await page.getByRole('heading', { name: 'This will come' }).waitFor();
    expect(await row('Files')).toEqual(['2']);
    expect(await row('Versions')).toEqual(['1']);
    expect(await row('Logs')).toEqual(['3']);
    await page.getByText('files/pr_damaged/file.json').waitFor();
    expect(await prompts()).toEqual([]);
    expect(await accessProblems(page)).toEqual([]);
  });

  it('whoever leaves while it runs is asked, and may stay', async () => {
    let go = () => {};
    let sent: string | null = null;
    await page.route('**/v5/imports/**', async (route) => {
      sent = route.request().url();
      await new Promise<void>((resolve) => (go = resolve));
      await route.continue();
    });
    await page.getByRole('button', { name: 'Import into Main' }).click();
    await page.getByRole('progressbar').waitFor();
    await page.getByRole('link', { name: 'Logs', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
    go();
    // The server has it from looking at it.
    expect(sent).toContain('upload=');
    await page.getByRole('heading', { name: 'It is here, except for what is listed below' }).waitFor();
    await page.unroute('**/v5/imports/**');
  });

  it('the report says what came, what did not, and what to enter again', async () => {
    expect(await row('Files')).toEqual(['2', '1']);
    expect(await row('Versions')).toEqual(['1', '1']);
    expect(await row('Logs')).toEqual(['3', '3']);
    await page.getByText('files/pr_damaged/file.json').waitFor();
    expect(await prompts()).toMatchObject([{ id: promptId, version_id: versionId }]);
    expect(await accessProblems(page)).toEqual([]);
    await page.getByText('openai', { exact: true }).waitFor();
    await page.getByText('grace@example.com').waitFor();
    await page.getByRole('link', { name: 'Add credentials' }).click();
    await page.waitForURL(/settings\/credentials$/);
  });

  it('a check can be cancelled', async () => {
    await page.goto(`${whetstone.url}/w/main/settings/import`);
    await page.route('**/v5/imports/**', () => undefined);
    await chooser('Folder').setInputFiles(join(folder, 'export'));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Choose folder' }).waitFor();
    await page.unroute('**/v5/imports/**');
  });

  it('a file that is dropped is taken too, from any source, and put where one says', async () => {
    await page.getByText('promptfoo', { exact: true }).click();
    await page.getByLabel('Put it under').fill('from/elsewhere');
    const config =
      'prompts: ["Say {{x}}"]\nproviders: [openai:gpt-4o]\ntests: [{ vars: { x: hello }, assert: [{ type: equals, value: hi }] }]\n';
    const files = `new File([${JSON.stringify(config)}], 'promptfooconfig.yaml')`;
    const dropped = await page.evaluateHandle(`(() => { const all = new DataTransfer(); all.items.add(${files}); return all; })()`);
    await page.getByText('Drop a folder or a ZIP file here').dispatchEvent('drop', { dataTransfer: dropped });
    await page.getByRole('heading', { name: 'This will come' }).waitFor();
    await page.getByRole('button', { name: 'Import into Main' }).click();
    await page.getByRole('link', { name: 'Look at the files' }).click();
    await page.getByRole('main').getByText('from/elsewhere/', { exact: false }).first().waitFor();
    await page.goto(`${whetstone.url}/w/main/settings/import`);
  });

  it('the workspace leaves as a ZIP file that is an export again', async () => {
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export Main' }).click();
    const path = join(folder, 'out.zip');
    await (await saved).saveAs(path);
    expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
    await chooser('File').setInputFiles(path);
    await page.getByRole('heading', { name: 'This will come' }).waitFor();
    expect(await row('Logs')).toEqual(['3']);
    await page.getByText('Everything can be carried over as it is.').waitFor();
    await page.getByRole('button', { name: 'Choose another' }).click();
  });

  it('what one workspace of the server has comes into a second one with new ids, when somebody says so', async () => {
    const slug = await page.evaluate(async () => {
      const headers = { 'content-type': 'application/json' };
      const made = await fetch('/v5/workspaces', { method: 'POST', headers, body: JSON.stringify({ name: 'Second' }) });
      return ((await made.json()) as { slug: string }).slug;
    });
    await page.goto(`${whetstone.url}/w/${slug}/settings/import`);
    await chooser('Folder').setInputFiles(join(folder, 'export'));
    const alert = page.getByRole('alert');
    await alert.getByText('Another workspace of this server has these files already').waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await alert.getByRole('button', { name: 'Give it new ids' }).click();
    await page.getByText('get ids of their own').waitFor();
    await page.getByRole('button', { name: 'Import into Second' }).click();
    await page.getByRole('heading', { name: 'It is here, except for what is listed below' }).waitFor();
    expect(await row('Logs')).toEqual(['3', '3']);
    await page.getByRole('link', { name: 'Look at the files' }).click();
    await page.getByRole('main').getByText('support/', { exact: false }).first().waitFor();
    expect((await prompts()).filter(({ id }) => id === promptId)).toHaveLength(1);
  });

  it('a rule is written with a sentence that says what it does, and spans follow it', async () => {
    await page.goto(`${whetstone.url}/w/main/settings/spans`);
    await page.getByRole('button', { name: 'Start from the example' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Value 1').fill('shop');
    await dialog.getByLabel('Put them into the file').fill('shop/{gen_ai.agent.name}');
    await dialog.getByText('Model calls whose service.name is shop go to the prompt shop/{gen_ai.agent.name}, where').waitFor();
    expect(await accessProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Add rule' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await admin('GET', '/v5/otel/rules')).toEqual({
      rules: [{ kind: 'prompt', when: [{ attribute: 'service.name', is: 'equal', value: 'shop' }], path: 'shop/{gen_ai.agent.name}' }],
    });
    let sent = 0;
    await eventually('a span in the file of the rule', async () => {
      await admin('POST', '/v1/traces', spanOf('shop', 'clerk', (sent += 1)));
      const { files } = await admin<{ files: { path: string }[] }>('GET', '/v5/files/tree');
      return files.some(({ path }) => path === 'shop/clerk');
    });
  });

  it('a rule that is never reached is told of, moved up, changed, deleted and brought back', async () => {
    await page.getByRole('button', { name: 'Add rule' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Value 1').fill('shop');
    await dialog.getByRole('button', { name: 'Add condition' }).click();
    await dialog.getByLabel('Attribute 2').fill('gen_ai.request.model');
    await dialog.getByLabel('Test 2').click();
    await page.getByRole('option', { name: 'starts with' }).click();
    await dialog.getByLabel('Value 2').fill('gpt-');
    await dialog.getByLabel('Put them into the file').fill('shop/gpt');
    await dialog.getByText('Rule 1 takes all of these first').waitFor();
    await dialog.getByRole('button', { name: 'Add rule' }).click();
    await page.getByText('Never reached:').waitFor();
    await page.getByRole('button', { name: 'Move rule 2 up' }).click();
    await page.getByText('Never reached:').waitFor({ state: 'detached' });
    expect(await accessProblems(page)).toEqual([]);
    const paths = async () => (await admin<{ rules: { path: string }[] }>('GET', '/v5/otel/rules')).rules.map(({ path }) => path);
    expect(await paths()).toEqual(['shop/gpt', 'shop/{gen_ai.agent.name}']);
    await page.getByRole('button', { name: 'More for rule 1' }).click();
    await page.getByRole('menuitem', { name: 'Change' }).click();
    await dialog.getByLabel('Put them into the file').fill('shop/openai');
    await dialog.getByRole('button', { name: 'Keep changes' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'More for rule 2' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect.poll(paths).toEqual(['shop/openai']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(paths).toEqual(['shop/openai', 'shop/{gen_ai.agent.name}']);
  });

  it('both fit a phone', async () => {
    const small = await ownersPage(browser, whetstone.url, owner, phone);
    for (const section of ['import', 'spans']) {
      await small.goto(`${whetstone.url}/w/main/settings/${section}`);
      expect([section, await accessProblems(small)]).toEqual([section, []]);
      expect(await small.evaluate<number>('document.documentElement.scrollWidth')).toBe(phone.width);
    }
    await small.context().close();
  });

  it('nothing broke, nothing was asked of other hosts', () => {
    expect(seen).toEqual({ problems: [], elsewhere: [], dialogs: [] });
  });
});

/** A prompt with a version and three logs, and a file that cannot be read. */
function writeExport(directory: string): void {
  const write = (path: string, content: unknown): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const at = '2025-01-02T03:04:05.000Z';
  const by = { id: 'usr_1', full_name: 'Grace Hopper', email_address: 'grace@example.com' };
  const file = { id: promptId, path: 'support/answer', name: 'answer', type: 'prompt', created_at: at, updated_at: at, created_by: by };
  write(`files/${promptId}/file.json`, { ...file, version_id: versionId });
  const template = [{ role: 'system', content: 'Help {{name}}.' }];
  write(`files/${promptId}/versions/${versionId}`, {
    ...file,
    version_id: versionId,
    model: 'gpt-4o',
    provider: 'openai',
    template,
    committed_at: at,
  });
  write(`files/${promptId}/deployments.json`, []);
  const log = (number: number) => ({
    id: `log_moved00000000000000${number}`,
    prompt: { id: promptId, version_id: versionId },
    messages: [{ role: 'user', content: 'Where is it?' }],
    inputs: { name: 'Bo' },
    output: 'On its way.',
    created_at: at,
    start_time: at,
  });
  write(`files/${promptId}/logs/1.jsonl`, [1, 2, 3].map((number) => `${JSON.stringify(log(number))}\n`).join(''));
  write('files/pr_damaged/file.json', '{"id": ');
}

/** A model call of a service, as OTLP in JSON. */
function spanOf(service: string, agent: string, number: number): object {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const nanos = (BigInt(Date.now()) * 1_000_000n).toString();
  const span = {
    traceId: number.toString(16).padStart(32, 'a'),
    spanId: number.toString(16).padStart(16, 'b'),
    name: 'chat gpt-4o',
    kind: 3,
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes: [text('gen_ai.operation.name', 'chat'), text('gen_ai.request.model', 'gpt-4o'), text('gen_ai.agent.name', agent)],
  };
  return { resourceSpans: [{ resource: { attributes: [text('service.name', service)] }, scopeSpans: [{ spans: [span] }] }] };
}
