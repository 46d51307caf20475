import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestStorage } from '../../test/storage.ts';
import type { Storage } from '../../storage/index.ts';
import { addMember, Browser, openPeople, setUpOwner } from '../fixtures.ts';
import type { People } from '../index.ts';

let storage: Storage;
let people: People;
let owner: Awaited<ReturnType<typeof setUpOwner>>;
let smtp: Awaited<ReturnType<typeof startSmtp>>;
beforeAll(async () => {
  smtp = await startSmtp();
  storage = await openTestStorage();
  ({ people } = await openPeople(storage, { smtpUrl: `smtp://127.0.0.1:${smtp.port}?from=ops@example.com` }));
  owner = await setUpOwner(people);
});
afterAll(async () => {
  await people.close();
  await storage.close();
  smtp.close();
});

test('an invitation and a lost password go by mail; a stranger gets none, and nobody learns who is one', async () => {
  const { url } = await people.invitations.create(owner.scope, { email: 'neu@example.com', role: 'viewer' });
  const { email } = await addMember(people, owner.scope, 'viewer');
  const known = await new Browser(people).send('POST', '/forgot', { email });
  const unknown = await new Browser(people).send('POST', '/forgot', { email: 'stranger@example.com' });
  expect([await known.json(), await unknown.json()]).toEqual([{ sent: true }, { sent: true }]);
  await people.close();
  expect(smtp.mails.map(({ to }) => to)).toEqual(['neu@example.com', email]);
  expect(smtp.mails[0]?.text).toContain(url);
  expect(smtp.mails[0]?.text).toMatch(/From: Whetstone <ops@example.com>/);
  const [link = ''] = /http:\/\/\S+\/reset\/\w+/.exec(smtp.mails[1]?.text ?? '') ?? [];
  const done = await new Browser(people).send('POST', '/reset', { token: link.split('/').at(-1), password: 'a new password' });
  expect(done.status).toBe(200);
});

/** Takes every mail; speaks as little SMTP as that needs. */
async function startSmtp(): Promise<{ port: number; mails: { to: string; text: string }[]; close(): void }> {
  const mails: { to: string; text: string }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let [to, text, inData] = ['', '', false];
    socket.write('220 test\r\n');
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n')) {
        if (inData && line === '.') {
          // Quoted-printable: soft line breaks and `=3D` for `=`.
          mails.push({ to, text: text.replaceAll('=\n', '').replaceAll('=3D', '=') });
          [text, inData] = ['', false];
          socket.write('250 ok\r\n');
        } else if (inData) text += `${line}\n`;
        else if (/^DATA/i.test(line)) {
          inData = true;
          socket.write('354 go on\r\n');
        } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else if (line !== '') {
          to = /^RCPT TO:<(.*)>/i.exec(line)?.[1] ?? to;
          socket.write('250 ok\r\n');
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, mails, close };
}
