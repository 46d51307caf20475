import { readFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { minified } from '../../browser/minify.ts';
import { describeInBrowser, launchBrowser, watch } from './browser.ts';
import { eventually } from './whetstone.ts';

const script = readFileSync(new URL('../../browser/whetstone.min.js', import.meta.url));

describe('whetstone.js as it is served', () => {
  it('is what minify.ts makes of its source', () => {
    expect(script.toString()).toBe(minified());
  });

  it('is under 3 KB, and half of that compressed', () => {
    expect(script.byteLength).toBeLessThan(3 * 1024);
    expect(gzipSync(script, { level: 9 }).byteLength).toBeLessThan(1_700);
  });
});

interface Item {
  log_id: string | null;
  reference_id: string | null;
  kind: string;
  value: unknown;
  remove: boolean;
  user?: string;
}

/** A page of one origin, and at another a receiver that can be away: what the script does by itself. */
describeInBrowser('whetstone.js in a page with a strict policy', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let pages: Server;
  let receiver: Server;
  let seen: ReturnType<typeof watch>;
  let html = '';
  let answer: (response: ServerResponse) => void;
  const got: Item[][] = [];
  const origin = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const listen = (server: Server) => new Promise<Server>((done) => server.listen(0, '127.0.0.1', () => done(server)));
  const accept = (response: ServerResponse) => response.writeHead(200, { 'access-control-allow-origin': '*' }).end('{"refused":0}');

  beforeAll(async () => {
    receiver = await listen(
      createServer((request, response) => {
        if (request.url === '/whetstone.js') return response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
        if (request.method === 'OPTIONS') {
          const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type, x-api-key' };
          return response.writeHead(204, headers).end();
        }
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          expect(request.headers['x-api-key']).toBe('wsk_public');
          got.push((JSON.parse(body) as { feedback: Item[] }).feedback);
          answer(response);
        });
        return undefined;
      }),
    );
    pages = await listen(
      createServer((_request, response) => {
        const policy = `default-src 'none'; script-src ${origin(receiver)}; connect-src ${origin(receiver)}; require-trusted-types-for 'script'`;
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }).end(html);
      }),
    );
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    pages?.close();
    receiver?.close();
  });
  beforeEach(async () => {
    got.length = 0;
    answer = accept;
    context = await browser.newContext();
    page = await context.newPage();
    page.setDefaultTimeout(5_000);
    seen = watch(page, origin(pages));
  });
  afterEach(async () => {
    expect(seen.problems).toEqual([]);
    await context.close();
  });

  const open = async (body: string, attributes = '') => {
    html = `<!doctype html><title>t</title><script src="${origin(receiver)}/whetstone.js" data-key="wsk_public" ${attributes} defer></script><body>${body}`;
    await page.goto(origin(pages));
  };
  const said = () =>
    got.flat().map(({ log_id, reference_id, kind, value, remove }) => [log_id ?? reference_id, kind, value ?? null, remove]);
  /** What the page heard the receiver confirm is no longer kept: only then is a page left without sending it again. */
  const settled = () => eventually('nothing unsent', () => page.evaluate(`localStorage['whetstone wsk_public'] === '[]'`), 5_000);
  const heard = (count: number) => eventually(`${count} items`, () => Promise.resolve(said().length === count && said()), 5_000);

  it('gives a marked answer thumbs that the keyboard reaches; a vote changes and is taken back', async () => {
    await open(
      '<div data-whetstone-log="log_1"><p>Answer</p></div><p data-whetstone-log="log_2" data-whetstone-votes="none">x</p>',
      'data-user="ann"',
    );
    const good = page.getByRole('button', { name: 'good' });
    const bad = page.getByRole('button', { name: 'bad' });
    await good.focus();
    await page.keyboard.press('Enter');
    await heard(1);
    expect(await good.getAttribute('aria-pressed')).toBe('true');
    await bad.click();
    expect(await good.getAttribute('aria-pressed')).toBe('false');
    await heard(2);
    await bad.click();
    expect(await heard(3)).toEqual([
      ['log_1', 'vote', 'good', false],
      ['log_1', 'vote', 'bad', false],
      ['log_1', 'vote', 'bad', true],
    ]);
    expect(got.flat().every(({ user }) => user === 'ann')).toBe(true);
    expect(await page.getByRole('button').count()).toBe(2);
  });

  it('hears buttons of the page itself, with values of any type, and answers that come later', async () => {
    await open('<main></main>');
    await page.evaluate(`
      const root = document.createElement('article');
      root.dataset.whetstoneReference = 'turn 7';
      for (const text of ['rating:4', 'product/polite:true', 'action:regenerated', 'issue:off topic: far']) {
        const button = root.appendChild(document.createElement('button'));
        button.textContent = button.dataset.whetstone = text;
      }
      document.querySelector('main').append(root);
    `);
    for (const name of ['rating:4', 'product/polite:true', 'action:regenerated', 'issue:off topic: far', 'good']) {
      await page.getByRole('button', { name }).click();
    }
    expect(await heard(5)).toEqual([
      ['turn 7', 'rating', 4, false],
      ['turn 7', 'product/polite', true, false],
      ['turn 7', 'action', 'regenerated', false],
      ['turn 7', 'issue', 'off topic: far', false],
      ['turn 7', 'vote', 'good', false],
    ]);
  });

  it('hears that a part of the answer is copied, and not what else is copied', async () => {
    await open(
      '<p id="other">Other text</p><div data-whetstone-log="log_1"><p>Question</p><p data-whetstone="answer">One <b>two</b></p></div><textarea data-whetstone-log="log_2">In a field</textarea>',
    );
    const copy = async (selector: string) => {
      await page.evaluate(`getSelection().selectAllChildren(document.querySelector(${JSON.stringify(selector)}))`);
      await page.keyboard.press('Control+C');
    };
    await copy('#other');
    await copy('[data-whetstone-log] p');
    await copy('b');
    await page.locator('textarea').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Control+C');
    expect(await heard(2)).toEqual([
      ['log_1', 'action', 'copied', false],
      ['log_2', 'action', 'copied', false],
    ]);
  });

  it('sends what a person made of the answer, takes it back when undone, and calls untouched and sent accepted', async () => {
    await open(
      '<iframe name="f" hidden></iframe><form target="f" method="dialog"><div data-whetstone-log="log_1"><textarea data-whetstone="answer">Dear Ann</textarea><textarea data-whetstone="comment"></textarea></div><button>Send</button></form><div contenteditable data-whetstone-reference="r1">Rich text</div>',
    );
    const [answerField, comment] = [page.locator('textarea').first(), page.locator('textarea').nth(1)];
    await page.getByRole('button', { name: 'Send' }).click();
    expect((await heard(1)).at(-1)).toEqual(['log_1', 'action', 'accepted', false]);
    await answerField.press('End');
    await answerField.pressSequentially('!');
    await comment.pressSequentially('Too short');
    expect((await heard(3)).slice(1)).toEqual([
      ['log_1', 'correction', 'Dear Ann!', false],
      ['log_1', 'action', 'edited', false],
    ]);
    await answerField.press('End');
    await answerField.press('Backspace');
    await page.locator('[contenteditable]').press('End');
    await page.locator('[contenteditable]').pressSequentially(' here');
    await page.locator('[contenteditable]').blur();
    expect((await heard(8)).slice(3)).toEqual([
      ['log_1', 'comment', 'Too short', false],
      ['log_1', 'correction', null, true],
      ['log_1', 'action', 'edited', true],
      ['r1', 'correction', 'Rich text here', false],
      ['r1', 'action', 'edited', false],
    ]);
    expect(await answerField.inputValue()).toBe('Dear Ann');
  });

  it('tries again while the server is away, across pages, and sends nothing again that was confirmed', async () => {
    answer = (response) => response.writeHead(503, { 'access-control-allow-origin': '*' }).end();
    await open('<div data-whetstone-log="log_1">Answer</div>');
    await page.getByRole('button', { name: 'bad' }).click();
    await eventually('a try', () => Promise.resolve(got.length > 0));
    await page.goto('about:blank');
    got.length = 0;
    answer = accept;
    await open('<div data-whetstone-log="log_2">Answer</div>');
    await settled();
    // A try that was under way when its page was left may arrive as well: the server keeps one vote of a user.
    expect(new Set(said().map(String))).toEqual(new Set(['log_1,vote,bad,false']));
    got.length = 0;
    await page.reload();
    await page.getByRole('button', { name: 'good' }).click();
    expect(await heard(1)).toEqual([['log_2', 'vote', 'good', false]]);
    await settled();
    expect(got).toHaveLength(1);
  });

  it('sends what is still being written when the page is left', async () => {
    await open('<textarea data-whetstone-log="log_1">Draft</textarea>');
    await page.locator('textarea').press('End');
    await page.locator('textarea').pressSequentially(' done');
    await page.goto('about:blank');
    expect(await heard(2)).toEqual([
      ['log_1', 'correction', 'Draft done', false],
      ['log_1', 'action', 'edited', false],
    ]);
  });

  it('gives up what the server refuses, and works where the browser keeps nothing', async () => {
    await context.addInitScript("Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden'); } })");
    answer = (response) => response.writeHead(422, { 'access-control-allow-origin': '*' }).end('{}');
    await open('<div data-whetstone-log="log_1">Answer</div>');
    await page.evaluate(
      'whetstone.vote("log_1", "good"); whetstone.action("turn 1", "shared"); whetstone.correct({ log_id: "x" }, "Text")',
    );
    await page.evaluate('whetstone.vote("log_1", null); whetstone.send({ reference_id: "r", kind: "tone", value: ["a", "b"] })');
    expect(await heard(5)).toEqual([
      ['log_1', 'vote', 'good', false],
      ['turn 1', 'action', 'shared', false],
      ['x', 'correction', 'Text', false],
      ['log_1', 'vote', null, true],
      ['r', 'tone', ['a', 'b'], undefined],
    ]);
    answer = accept;
    await page.getByRole('button', { name: 'good' }).click();
    expect((await heard(6)).at(-1)).toEqual(['log_1', 'vote', 'good', false]);
  });
});
