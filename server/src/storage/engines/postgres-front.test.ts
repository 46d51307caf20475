import { connect } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openTestStorage } from '../../test/storage.ts';
import type { Storage } from '../index.ts';
import { POSTGRES_PORT, POSTGRES_SOCKET } from './messages.ts';
import { FrontendReader, readBackend } from './postgres-wire.ts';

describe('one backend, many connections', () => {
  let storage: Storage;
  beforeAll(async () => {
    storage = await openTestStorage();
    await storage.executeSql('CREATE TABLE notes (id int PRIMARY KEY, body text)');
  });
  afterAll(() => storage.close());

  async function connection(): Promise<Client> {
    const client = new Client({ host: storage.engines?.socketDir ?? '', port: POSTGRES_PORT, user: 'postgres', database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    onTestFinished(() => client.end().catch(() => undefined));
    return client;
  }

  test('parameters that span packets meet their own statement', async () => {
    const large = 'x'.repeat(400_000);
    const queries = Array.from({ length: 60 }, async (_, index) => {
      if (index % 2 === 0) {
        const { rows } = await storage.executeSql('SELECT length($1::text) AS length, $2::int AS index', [large, index]);
        return expect(rows).toEqual([{ length: 400_000, index }]);
      }
      const { rows } = await storage.executeSql('SELECT $1::int AS number', [index]);
      return expect(rows).toEqual([{ number: index }]);
    });
    await Promise.all(queries);
  });

  test('a failed statement spoils only the connection that sent it', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => storage.executeSql('SELECT 10 / $1::int AS q', [index % 4])),
    );
    const failed = results.filter(({ status }) => status === 'rejected');
    expect(failed).toHaveLength(10);
    for (const result of results) if (result.status === 'fulfilled') expect(result.value.rows).toHaveLength(1);
  });

  test('a connection that goes away in a transaction leaves nothing of it', async () => {
    const client = await connection();
    await client.query('BEGIN');
    await client.query("INSERT INTO notes VALUES (1, 'half')");
    await client.end();
    const { rows } = await storage.executeSql('SELECT * FROM notes WHERE id = 1');
    expect(rows).toEqual([]);
  });

  test('a connection that goes away between Parse and Sync holds up nobody', async () => {
    const socket = connect(join(storage.engines?.socketDir ?? '', POSTGRES_SOCKET));
    const startup = Buffer.from('\0\0\0\x08\0\x03\0\0', 'latin1');
    const parse = Buffer.concat([Buffer.from('P\0\0\0\x10', 'latin1'), Buffer.from('\0SELECT 1\0\0\0')]);
    const flush = Buffer.from('H\0\0\0\x04', 'latin1');
    socket.write(Buffer.concat([startup, parse, flush]));
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    const { rows } = await storage.executeSql('SELECT $1::int AS one', [1]);
    expect(rows).toEqual([{ one: 1 }]);
  });

  test('bytes that are no protocol end that connection only', async () => {
    const socket = connect(join(storage.engines?.socketDir ?? '', POSTGRES_SOCKET));
    socket.on('error', () => undefined).resume();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    expect((await storage.health()).postgres.ok).toBe(true);
  });

  test('an open transaction is seen by nobody else until it commits', async () => {
    const db = storage.database<{ notes: { id: number; body: string } }>();
    let seen: Promise<number> | undefined;
    await db.transaction().execute(async (tx) => {
      await tx.insertInto('notes').values({ id: 2, body: 'mine' }).execute();
      seen = storage.executeSql('SELECT * FROM notes WHERE id = 2').then(({ rows }) => rows.length);
      await tx.updateTable('notes').set({ body: 'done' }).where('id', '=', 2).execute();
    });
    // It waited for the turn, so it came after the commit.
    expect(await seen).toBe(1);
  });

  test('whoever waits for the pool inside its own transaction gets an error, not an endless wait', async () => {
    const client = await connection();
    await client.query('BEGIN');
    const waiting = storage.executeSql<{ one: number }>('SELECT 1 AS one');
    expect((await waiting).rows).toEqual([{ one: 1 }]);
    await expect(client.query('SELECT 1')).rejects.toThrow();
  }, 20_000);
});

describe('cutting the stream into messages', () => {
  test('a message is whole however its bytes arrive', () => {
    const startup = Buffer.from('\0\0\0\x08\0\x03\0\0', 'latin1');
    const query = Buffer.concat([Buffer.from('Q\0\0\0\x0e', 'latin1'), Buffer.from('SELECT 42\0')]);
    const stream = Buffer.concat([startup, query, query]);
    for (let size = 1; size <= stream.length; size += 1) {
      const reader = new FrontendReader();
      const found = [];
      for (let at = 0; at < stream.length; at += size) found.push(...reader.push(stream.subarray(at, at + size)));
      expect(found.map(({ kind }) => kind)).toEqual(['startup', 'message', 'message']);
      expect(found[2]).toMatchObject({ bytes: query });
    }
  });

  test('notifications are taken out of an answer, and the rest is left as it was', () => {
    const complete = Buffer.from('C\0\0\0\x08OK!\0', 'latin1');
    const notification = Buffer.from('A\0\0\0\x0c\0\0\0\x01a\0b\0', 'latin1');
    const ready = Buffer.from('Z\0\0\0\x05I', 'latin1');
    const output = readBackend(Buffer.concat([complete, notification, notification, ready]));
    expect(output.own).toEqual(Buffer.concat([complete, ready]));
    expect(output.notifications).toEqual([notification, notification]);
    expect(output.status).toBe('I');
  });
});
