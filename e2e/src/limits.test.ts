import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byKey, caller, type Caller, send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';
import { exportLogs } from './writers.ts';

/** What is large, what must not be kept, and what must go. */
describe('limits of what is logged', () => {
  let whetstone: Whetstone;
  let admin: Caller;
  let fileId: string;

  beforeAll(async () => {
    whetstone = await startWhetstone();
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    ({ id: fileId } = await admin<{ id: string }>('POST', '/v5/prompts', { path: 'limits/prompt', model: 'demo-small' }));
  });
  afterAll(() => whetstone?.close());

  const log = async (more: Record<string, unknown>): Promise<string> =>
    (await admin<{ id: string }>('POST', '/v5/prompts/log', { id: fileId, messages: [], ...more })).id;
  const status = async (id: string): Promise<number> =>
    (await send(whetstone.url, `/v5/logs/${id}`, { headers: byKey(whetstone.apiKey) })).status;

  it('opens a page of 50 logs of 1 MB, and its summary is small', { timeout: 120_000 }, async () => {
    const { id } = await admin<{ id: string }>('POST', '/v5/prompts', { path: 'limits/large', model: 'demo-small' });
    const large = 'Lorem ipsum '.repeat(90_000);
    for (let n = 0; n < 50; n += 1) await admin('POST', '/v5/prompts/log', { id, output: `${n} ${large}`, messages: [] });
    const before = residentBytes(whetstone.pid);
    const page = await send(whetstone.url, `/v5/logs?file_id=${id}&size=50`, { headers: byKey(whetstone.apiKey), timeoutMs: 90_000 });
    expect(page.status).toBe(200);
    const { records } = page.json<{ records: { output: string }[] }>();
    expect(records.map(({ output }) => Number.parseInt(output, 10)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_none, n) => n),
    );
    expect(records.every(({ output }) => output.endsWith(large))).toBe(true);
    // 54 MB of payload: a few copies on the way, not tens of them.
    expect(residentBytes(whetstone.pid) - before).toBeLessThan(900 * 1024 * 1024);
    const summary = await send(whetstone.url, `/v5/logs?file_id=${id}&size=50&summary=true`, { headers: byKey(whetstone.apiKey) });
    expect(summary.text.length).toBeLessThan(1024 * 1024);
    const lines = await exportLogs(whetstone.url, whetstone.apiKey, `&file_id=${id}`);
    expect(lines).toHaveLength(50);
    await admin('DELETE', `/v5/prompts/${id}`);
  });

  it('exports what the filter leaves, as JSONL and as CSV', async () => {
    for (const user of ['ann', 'bob', 'bob']) await log({ output: `for ${user}`, user, messages: [] });
    const lines = await exportLogs(whetstone.url, whetstone.apiKey, '&user=bob');
    expect(lines.map(({ output }) => output)).toEqual(['for bob', 'for bob']);
    const csv = await send(whetstone.url, '/v5/logs/export?format=csv&user=ann', { headers: byKey(whetstone.apiKey) });
    expect(csv.headers['content-type']).toContain('text/csv');
    expect(csv.text.trim().split('\r\n')).toHaveLength(2);
    expect(csv.text).toContain('for ann');
  });

  it('T26: no cell of an export is a formula to a spreadsheet', async () => {
    const formulas = ["=cmd|' /C calc'!A0", '+1+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://evil.example")'];
    for (const formula of formulas)
      await log({ output: formula, user: formula, session: formula, source: 'formula', reference_id: `${formula} f` });
    const { text } = await send(whetstone.url, '/v5/logs/export?format=csv&filter=', { headers: byKey(whetstone.apiKey) });
    const cells = cellsOf(text);
    expect(cells.filter((cell) => cell.includes('calc'))).not.toEqual([]);
    expect(cells.filter((cell) => /^[=+@\t\r]/.test(cell) || /^-(?!\d+(\.\d+)?$)/.test(cell))).toEqual([]);
  });

  it('T26: a field that begins a line cannot begin a row', async () => {
    await log({ output: 'one\r\n=two,"three"\nfour', user: 'rows' });
    const { text } = await send(whetstone.url, '/v5/logs/export?format=csv&user=rows', { headers: byKey(whetstone.apiKey) });
    expect(cellsOf(text)).toContain('one\r\n=two,"three"\nfour');
  });

  it('keeps no payload of `save: false`, neither in an answer nor on the disk', async () => {
    const secret = `never-kept-${Math.random().toString(36).slice(2)}`;
    const id = await log({
      output: secret,
      inputs: { a: secret },
      messages: [{ role: 'user', content: secret }],
      save: false,
      user: 'unsaved',
    });
    const called = await send(whetstone.url, '/v5/prompts/call', {
      method: 'POST',
      headers: byKey(whetstone.apiKey),
      body: { id: fileId, messages: [{ role: 'user', content: secret }], save: false },
    });
    expect(called.status, called.text).toBe(200);
    const stored = await admin<{ output: unknown; payload: string; user: string }>('GET', `/v5/logs/${id}`);
    expect(stored).toMatchObject({ payload: 'dropped', user: 'unsaved' });
    expect(JSON.stringify(stored)).not.toContain(secret);
    await drained();
    expect(JSON.stringify(await exportLogs(whetstone.url, whetstone.apiKey))).not.toContain(secret);
    expect(filesWith(whetstone.dataDir, secret)).toEqual([]);
    expect(whetstone.stderr()).not.toContain(secret);
  });

  it('redacts by the rules of the workspace before anything is kept', async () => {
    const card = '4111 1111 1111 1111';
    const secret = `hidden-${Math.random().toString(36).slice(2)}`;
    await admin('PATCH', '/v5/workspace', {
      redaction: [
        { name: 'cards', kind: 'pattern', match: '\\d{4} \\d{4} \\d{4} \\d{4}', replacement: '[card]' },
        { name: 'ssn', kind: 'field', match: 'inputs.ssn', replacement: '[gone]' },
      ],
    });
    const useless = await send(whetstone.url, '/v5/workspace', {
      method: 'PATCH',
      headers: byKey(whetstone.apiKey),
      body: { redaction: [{ name: 'off', kind: 'field', match: 'ssn' }] },
    });
    expect(useless.status).toBe(422);
    const redacted = await eventually('the rule', async () => {
      const id = await log({
        output: `Card ${card}`,
        inputs: { ssn: secret, other: 'kept' },
        messages: [{ role: 'user', content: `My card is ${card}` }],
      });
      const stored = await admin<{ output: string; inputs: Record<string, unknown> }>('GET', `/v5/logs/${id}`);
      return stored.output === 'Card [card]' && stored;
    });
    expect(redacted.inputs).toEqual({ ssn: '[gone]', other: 'kept' });
    expect(JSON.stringify(redacted)).not.toContain(card);
    await admin('PATCH', '/v5/workspace', { redaction: [] });
  });

  it('forgets an end user at once, wherever one looks', async () => {
    const cached = async (user: string) => {
      const answer = await send(whetstone.url, '/v1/chat/completions', {
        method: 'POST',
        headers: { ...byKey(whetstone.apiKey), 'x-whetstone-cache': '60' },
        body: { model: 'demo-small', messages: [{ role: 'user', content: 'what a leaver asked' }], user },
      });
      return answer.headers['x-whetstone-cache'];
    };
    expect([await cached('leaver'), await cached('stayer')]).toEqual(['miss', 'hit']);
    await admin('PUT', '/v5/limits', { subject: 'user', id: 'leaver', requests_per_minute: 5 });
    const ids = await Promise.all(['one', 'two'].map((output) => log({ output, user: 'leaver' })));
    const kept = await log({ output: 'three', user: 'stayer' });
    await drained();
    const late = await log({ output: 'four', user: 'leaver' });
    await admin('DELETE', '/v5/logs/users/leaver');
    for (const id of [...ids, late]) expect(await status(id)).toBe(404);
    expect(await status(kept)).toBe(200);
    const { records } = await admin<{ records: unknown[] }>('GET', '/v5/logs?user=leaver');
    expect(records).toEqual([]);
    expect(await exportLogs(whetstone.url, whetstone.apiKey, '&user=leaver')).toEqual([]);
    const facets = await admin<{ facets: Record<string, { value: string }[]> }>('GET', '/v5/logs/facets');
    expect(JSON.stringify(facets)).not.toContain('leaver');
    expect(await cached('stayer')).toBe('miss');
    expect(JSON.stringify(await admin('GET', '/v5/limits'))).not.toContain('leaver');
  });

  it('forgets a deleted log and a deleted file’s logs at once', async () => {
    const id = await log({ output: 'to go' });
    await admin('DELETE', `/v5/logs?id=${id}`);
    expect(await status(id)).toBe(404);
    const file = await admin<{ id: string }>('POST', '/v5/prompts', { path: 'limits/to-go', model: 'demo-small' });
    const inside = await admin<{ id: string }>('POST', '/v5/prompts/log', { id: file.id, output: 'inside', messages: [] });
    await admin('DELETE', `/v5/prompts/${file.id}`);
    await eventually('the logs of the file to be gone', async () => (await status(inside.id)) === 404);
    expect((await send(whetstone.url, `/v5/prompts/${file.id}`, { headers: byKey(whetstone.apiKey) })).status).toBe(404);
  });

  /** Everything that was written is in the log store. */
  const drained = () =>
    eventually(
      'the intake to drain',
      async () => {
        const { intake } = (await send(whetstone.url, '/readyz')).json<{ intake: { waiting: number } }>();
        return intake.waiting === 0;
      },
      30_000,
    );
});

function residentBytes(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}

function filesWith(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat?.isFile() === true && readFileSync(path).includes(text);
    });
}

/** Cells of RFC 4180 text. */
function cellsOf(text: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (quoted && char === '"' && text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === ',' || char === '\n')) {
      cells.push(cell);
      cell = '';
    } else if (quoted || char !== '\r') cell += char;
  }
  return cells;
}
