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
