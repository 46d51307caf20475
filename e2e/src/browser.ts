import { existsSync } from 'node:fs';
import { describe } from 'vitest';
import { type Browser, chromium, type Page } from 'playwright-core';

const executable = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => existsSync(path));

/** Headless Chromium that talks to nobody but the page. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    ...(executable === undefined ? {} : { executablePath: executable }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A journey in a browser; where there is none it is skipped by name. */
export function describeInBrowser(name: string, body: () => void): void {
  if (executable === undefined) describe.skip(`${name} (skipped: no Chromium on this machine)`, body);
  else describe(name, body);
}

/** What went wrong in a page: uncaught errors, refused by the content policy, requests to elsewhere. */
export function watch(page: Page, origin: string): { problems: string[]; elsewhere: string[]; dialogs: string[] } {
  const seen = { problems: [] as string[], elsewhere: [] as string[], dialogs: [] as string[] };
  page.on('pageerror', (error) => seen.problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Uncaught/.test(message.text())) seen.problems.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (/^(https?|wss?):/.test(url) && !url.startsWith(origin)) seen.elsewhere.push(url);
  });
  page.on('dialog', (dialog) => {
    seen.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  return seen;
}

/** A window of the owner's, signed in. */
export async function ownersPage(browser: Browser, url: string, owner: { email: string; password: string }, size = wide): Promise<Page> {
  const context = await browser.newContext({ viewport: size, hasTouch: size.width < 500, isMobile: size.width < 500 });
  const answer = await context.request.post(`${url}/api/auth/sign-in/email`, { data: owner, headers: { origin: url } });
  if (answer.status() !== 200) throw new Error(`The owner was not let in: ${answer.status()} ${await answer.text()}`);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return page;
}
export const wide = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };
