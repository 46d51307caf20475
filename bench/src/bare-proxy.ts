import { createServer } from 'node:http';
import { Pool } from 'undici';

/** What the gateway is measured against: reads and parses a body, forwards it, sends the answer back. Nothing is checked or kept. */
const pool = new Pool(process.argv[2] as string, { connections: 128 });
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    JSON.parse(body.toString());
    pool.dispatch(
      { path: '/v1/chat/completions', method: 'POST', body, headers: { 'content-type': 'application/json', authorization: 'Bearer sk' } },
      {
        onRequestStart() {},
        onResponseStart(_controller, status, headers) {
          response.writeHead(status, { 'content-type': String(headers['content-type']) });
        },
        onResponseData(_controller, part) {
          response.write(part);
        },
        onResponseEnd() {
          response.end();
        },
        onResponseError() {
          response.destroy();
        },
      },
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`ready on http://127.0.0.1:${address.port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
