import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startProvider } from '../../server/src/people/auth/fake-provider.ts';
import { describeInBrowser, launchBrowser, ownersPage, watch } from './browser.ts';
import { owner, startWhetstone, type Whetstone } from './whetstone.ts';

/** The ways in by an identity provider, and the way out by a webhook, as a person sees them. */
describeInBrowser('single sign-on and webhooks in the browser', () => {
  let whetstone: Whetstone;
  let identity: Awaited<ReturnType<typeof startProvider>>;
  let receiver: Server;
  let browser: Browser;
  let page: Page;
  let seen: ReturnType<typeof watch>;
  const received: { headers: Record<string, unknown>; body: string }[] = [];

  const someone = (name: string, email_verified = true) => ({ sub: `sub-${name}`, email: `${name}@example.com`, email_verified, name });
  const addressOf = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;

  beforeAll(async () => {
    identity = await startProvider();
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        received.push({ headers: request.headers, body });
        response.writeHead(request.url === '/hook' ? 200 : 404).end();
      });
    });
    await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
    whetstone = await startWhetstone({
      env: {
        WHETSTONE_OIDC_ISSUER: identity.issuer,
        WHETSTONE_OIDC_CLIENT_ID: 'whetstone',
        WHETSTONE_OIDC_CLIENT_SECRET: 'secret',
        WHETSTONE_OIDC_NAME: 'Acme SSO',
        WHETSTONE_ALLOW_PRIVATE_URLS: '1',
      },
    });
    browser = await launchBrowser();
    page = await ownersPage(browser, whetstone.url, owner);
    seen = watch(page, whetstone.url);
  });
  afterAll(async () => {
    await browser?.close();
    await whetstone?.close();
    await identity?.close();
    await new Promise((closed) => receiver?.close(closed));
  });

  it('a stranger comes back from the identity provider and reads why they are not let in', async () => {
    identity.next = someone('stranger');
    const context = await browser.newContext();
    const theirs = await context.newPage();
    theirs.setDefaultTimeout(20_000);
    await theirs.goto(`${whetstone.url}/sign-in`);
    await theirs.getByRole('button', { name: 'Continue with Acme SSO' }).click();
    await theirs.getByText(/Ask an admin for an invitation/).waitFor();
    await theirs.getByRole('button', { name: 'Continue with Acme SSO' }).waitFor();
    await context.close();
  });

  it('somebody invited follows the link, continues with the identity provider, and is where they wanted to be', async () => {
    await page.goto(`${whetstone.url}/w/main/settings/people`);
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByLabel('E-mail').fill('bea@example.com');
    await page.keyboard.press('Enter');
    const link = await page
      .getByText(/\/invite\/\S+/)
      .first()
      .textContent();
    expect(link).toContain('/invite/');
    identity.next = someone('bea');
    const context = await browser.newContext();
    const theirs = await context.newPage();
    theirs.setDefaultTimeout(20_000);
    await theirs.goto(/https?:\/\/\S+/.exec(link ?? '')?.[0] ?? '');
    await theirs.getByRole('button', { name: 'Continue with Acme SSO' }).click();
    await theirs.waitForURL(/\/w\/main/);
    await theirs.getByRole('link', { name: 'Logs' }).first().waitFor();
    await theirs.goto(`${whetstone.url}/w/main/settings/account`);
    await theirs.getByText('bea@example.com').first().waitFor();
    await context.close();
  });

  it('an expired session comes back to the page that was asked for', async () => {
    identity.next = someone('bea');
    const context = await browser.newContext();
    const theirs = await context.newPage();
    theirs.setDefaultTimeout(20_000);
    await theirs.goto(`${whetstone.url}/w/main/logs?q=status:error`);
    await theirs.getByRole('button', { name: 'Continue with Acme SSO' }).click();
    await theirs.waitForURL(/\/w\/main\/logs\?q=status/);
    await context.close();
  });

  it('a webhook is added, shows its secret once, is tried, tells of a refusal, and is deleted', async () => {
    await page.goto(`${whetstone.url}/w/main/settings/webhooks`);
    await page.getByText(/Nobody is told yet/).waitFor();
    await page.getByRole('button', { name: 'Add webhook' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('URL').fill(addressOf());
    await dialog.getByRole('checkbox', { name: 'A version is saved' }).check();
    await dialog.getByRole('button', { name: 'Add webhook' }).click();
    const secret = (await dialog.locator('code').textContent()) ?? '';
    expect(secret.length).toBeGreaterThan(20);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByText(addressOf()).waitFor();
    expect(await page.textContent('main')).not.toContain(secret);
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('The test arrived').waitFor();
    expect(received).toHaveLength(1);
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByRole('button', { name: 'Delete webhook' }).click();
    await page.getByText(/Nobody is told yet/).waitFor();

    await page.getByRole('button', { name: 'Add webhook' }).click();
    await dialog.getByLabel('URL').fill(addressOf().replace('/hook', '/nobody'));
    await dialog.getByText('Slack message').click();
    await dialog.getByRole('button', { name: 'Add webhook' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('The test was refused').waitFor();
    expect(Object.keys(JSON.parse(received.at(-1)?.body ?? '{}') as object)).toContain('text');
  });

  it('nothing broke', () => {
    expect(seen.problems).toEqual([]);
  });
});
