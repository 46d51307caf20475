import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbound, isDeniedAddress, type Outbound, type Resolve } from './index.ts';

let server: Server;
let port = 0;
let seen: IncomingMessage[] = [];
let connections = 0;
let handle: (request: IncomingMessage, url: URL) => { status: number; headers?: Record<string, string>; body?: string | Buffer };

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request);
    request.resume();
    const { status, headers = {}, body = 'hello' } = handle(request, new URL(request.url ?? '/', 'http://x'));
    response.writeHead(status, headers);
    response.end(body);
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Names answer with what is given, one list per look-up; the last one repeats. */
function dns(...answers: string[][]): Resolve {
  let turn = 0;
  return (_hostname, callback) => {
    const addresses = answers[Math.min(turn, answers.length - 1)] ?? [];
    turn += 1;
    setImmediate(() =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
  };
}

async function using<T>(options: Partial<Parameters<typeof createOutbound>[0]>, run: (outbound: Outbound) => Promise<T>): Promise<T> {
  seen = [];
  connections = 0;
  handle = () => ({ status: 200 });
  const outbound = createOutbound({ allowPrivate: false, connectTimeoutMs: 1000, ...options });
  try {
    return await run(outbound);
  } finally {
    await outbound.close();
  }
}

/** T1: each spelling of an address that a user may not reach; PORT stands for our server's. */
const spellings = [
  'http://127.0.0.1:PORT/',
  'http://127.1:PORT/',
  'http://127.0.1:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://0x7f.1:PORT/',
  'http://0177.0.0.1:PORT/',
  'http://0:PORT/',
  'http://0.0.0.0:PORT/',
  'http://①②⑦.⓪.⓪.①:PORT/',
  'http://127。0。0。1:PORT/',
  'http://[::1]:PORT/',
  'http://[::]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/',
  'http://[64:ff9b::7f00:1]:PORT/',
  'http://[fe80::1]:PORT/',
  'http://[fd00::1]:PORT/',
  'http://localhost:PORT/',
  'http://localhost.:PORT/',
  'http://LOCALHOST:PORT/',
  'http://foo.localhost:PORT/',
  'http://169.254.169.254/latest/meta-data/',
  'http://metadata.google.internal/',
  'http://10.0.0.1/',
  'http://172.16.5.4/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://224.0.0.1/',
];

describe("T1, F28: users' URLs reach no private address", () => {
  it.each(spellings)('%s', async (spelling) => {
    await using({}, async (outbound) => {
      const url = spelling.replace('PORT', String(port));
      expect(() => outbound.checkUrl(url)).toThrow(/private network/);
      await expect(outbound.fetch({ url })).rejects.toMatchObject({ status: 422 });
      // The hot path has parsed and kept the URL before: the connection itself is refused as well.
      const outcome = await new Promise((resolve) => {
        outbound.send(
          { url: new URL(url), method: 'GET', headers: {}, body: null, privateAllowed: false },
          { head: () => resolve('answered'), data: () => undefined, end: () => undefined, error: resolve },
        );
      });
      expect(outcome).toMatchObject({ kind: 'denied' });
      expect(connections).toBe(0);
    });
  });

  it.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com/',
    'javascript:alert(1)',
    'not a url',
    'http://',
    'http://user:secret@example.com/',
    'http://user@example.com/',
  ])('refuses %s whatever is allowed', async (url) => {
    await using({ allowPrivate: true }, async (outbound) => expect(() => outbound.checkUrl(url)).toThrow());
  });

  it.each([[['127.0.0.1']], [['::1']], [['::ffff:127.0.0.1']], [['1.1.1.1', '127.0.0.1']], [['169.254.169.254']]])(
    'a name that resolves to %j is refused at the connection',
    async (addresses) => {
      await using({ resolve: dns(addresses) }, async (outbound) => {
        await expect(outbound.fetch({ url: `http://innocent.example:${port}/` })).rejects.toMatchObject({ kind: 'denied' });
        expect(connections).toBe(0);
      });
    },
  );

  it('a name that answers well when it is checked and ill when it is called gains nothing (rebinding)', async () => {
    const resolve = dns(['1.1.1.1'], ['127.0.0.1']);
    await using({ resolve }, async (outbound) => {
      const url = `http://rebind.example:${port}/`;
      outbound.checkUrl(url);
      // Whoever looks the name up beforehand is told a public address.
      const before = await new Promise((done) => resolve('rebind.example', (_error, addresses) => done(addresses[0]?.address)));
      expect(before).toBe('1.1.1.1');
      await expect(outbound.fetch({ url })).rejects.toMatchObject({ kind: 'denied' });
      expect(connections).toBe(0);
    });
  });

  it('the operator may name private addresses, by URL or for all', async () => {
    await using({}, async (outbound) => {
      expect((await outbound.fetch({ url: `http://127.0.0.1:${port}/`, privateAllowed: true })).body.toString()).toBe('hello');
      await expect(outbound.fetch({ url: `http://127.0.0.1:${port}/` })).rejects.toMatchObject({ status: 422 });
    });
    await using({ allowPrivate: true }, async (outbound) => {
      expect((await outbound.fetch({ url: `http://localhost:${port}/` })).status).toBe(200);
    });
  });

  it('public addresses are not denied', () => {
    for (const address of ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])
      expect(isDeniedAddress(address), address).toBe(false);
    for (const address of ['', 'example.com', '1.2.3', '256.1.1.1']) expect(isDeniedAddress(address), address).toBe(true);
  });
});

describe('redirects', () => {
  it('a redirect to a private address is refused', async () => {
    await using({ allowPrivate: false, resolve: dns(['127.0.0.1']) }, async (outbound) => {
      handle = () => ({ status: 302, headers: { location: 'http://[::1]/latest' } });
      await expect(outbound.fetch({ url: `http://127.0.0.1:${port}/`, privateAllowed: false })).rejects.toMatchObject({ status: 422 });
      handle = () => ({ status: 302, headers: { location: 'file:///etc/passwd' } });
      await expect(outbound.fetch({ url: `http://127.0.0.1:${port}/`, privateAllowed: true })).rejects.toMatchObject({ status: 422 });
    });
  });

  it('keeps the key at its own origin and drops it at another', async () => {
    await using({ allowPrivate: true }, async (outbound) => {
      handle = (_request, url) =>
        url.pathname === '/a'
          ? { status: 307, headers: { location: '/b' } }
          : url.pathname === '/b'
            ? { status: 307, headers: { location: `http://localhost:${port}/c` } }
            : { status: 200 };
      await outbound.fetch({
        url: `http://127.0.0.1:${port}/a`,
        method: 'POST',
        body: 'x',
        headers: { Authorization: 'Bearer s', 'x-api-key': 's' },
      });
      expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer s', 'Bearer s', undefined]);
      expect(seen[2]?.headers['x-api-key']).toBeUndefined();
      expect(seen.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST']);
    });
  });

  it('gives up on a circle', async () => {
    await using({ allowPrivate: true }, async (outbound) => {
      handle = () => ({ status: 302, headers: { location: '/again' } });
      await expect(outbound.fetch({ url: `http://127.0.0.1:${port}/` })).rejects.toMatchObject({ kind: 'redirects' });
      expect(seen).toHaveLength(4);
    });
  });
});

describe('T23: answers are bounded', () => {
  it('in size', async () => {
    await using({ allowPrivate: true }, async (outbound) => {
      handle = () => ({ status: 200, body: Buffer.alloc(100_000) });
      await expect(outbound.fetch({ url: `http://127.0.0.1:${port}/`, maxBytes: 10_000 })).rejects.toMatchObject({ kind: 'too_large' });
    });
  });

  it('in headers', async () => {
    await using({ allowPrivate: true }, async (outbound) => {
      handle = () => ({ status: 200, headers: { 'x-big': 'a'.repeat(100_000) } });
      await expect(outbound.fetch({ url: `http://127.0.0.1:${port}/` })).rejects.toMatchObject({ kind: 'protocol' });
    });
  });

  it('in time', async () => {
    await using({ allowPrivate: true }, async (outbound) => {
      const silent = createServer(() => undefined);
      await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
      await expect(outbound.fetch({ url, timeoutMs: 50 })).rejects.toMatchObject({ kind: 'total_timeout' });
      const gone = new AbortController();
      const pending = outbound.fetch({ url, signal: gone.signal });
      gone.abort();
      await expect(pending).rejects.toMatchObject({ kind: 'aborted' });
      silent.closeAllConnections();
      silent.close();
    });
  });
});
