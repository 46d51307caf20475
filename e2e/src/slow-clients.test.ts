import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWhetstone, type Whetstone } from './whetstone.ts';

const count = 300;

/** A client that begins a request and never ends its headers; resolves with what it was told when it is cut off. */
function dawdle(url: URL, head: string): Promise<{ socket: Socket; closed: Promise<string> }> {
  return new Promise((done, fail) => {
    const socket = connect(Number(url.port), url.hostname);
    let told = '';
    socket.on('data', (bytes: Buffer) => (told += bytes.toString()));
    const closed = new Promise<string>((end) => void socket.once('close', () => end(told)));
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      socket.on('error', () => undefined);
      socket.write(head);
      done({ socket, closed });
    });
  });
}

describe('T21, F17: slow clients', { timeout: 90_000 }, () => {
  let server: Whetstone;
  beforeAll(async () => {
    server = await startWhetstone();
  });
  afterAll(() => server.close());

  it('hundreds of half-open requests are cut off, and others are served meanwhile', async () => {
    const url = new URL(server.url);
    const head = `POST /v5/prompts HTTP/1.1\r\nHost: ${url.host}\r\nX-Api-Key: ${server.apiKey}\r\n`;
    const slow = await Promise.all(Array.from({ length: count }, () => dawdle(url, head)));
    const healthy = async (): Promise<number[]> =>
      Promise.all([
        fetch(`${server.url}/healthz`).then(({ status }) => status),
        fetch(`${server.url}/v5/prompts`, { headers: { 'x-api-key': server.apiKey } }).then(({ status }) => status),
      ]);
    expect(await healthy()).toEqual([200, 200]);
    const told = await Promise.all(slow.map(({ closed }) => closed));
    expect(told.filter((text) => !text.startsWith('HTTP/1.1 408'))).toEqual([]);
    expect(await healthy()).toEqual([200, 200]);
  });

  it('requests that follow each other without waiting are answered in their order', async () => {
    const url = new URL(server.url);
    const one = (path: string, last: boolean): string =>
      `GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\n${last ? 'Connection: close\r\n' : ''}\r\n`;
    const { closed } = await dawdle(url, one('/healthz', false) + one('/v5/nothing', false) + one('/healthz', true));
    expect([...(await closed).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '404', '200']);
  });
});
