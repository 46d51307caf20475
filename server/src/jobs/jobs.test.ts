import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions, silent } from '../test/storage.ts';
import { createJobs, type Jobs } from './index.ts';

describeOnEditions('jobs', (open) => {
  let storage: Storage;
  const running: Jobs[] = [];
  const make = (): Jobs => {
    const jobs = createJobs({ storage, log: silent });
    running.push(jobs);
    return jobs;
  };
  beforeAll(async () => {
    storage = await open();
  });
  afterEach(async () => {
    for (const jobs of running.splice(0)) await jobs.stop();
  });
  afterAll(() => storage.close());
  const until = async (done: () => boolean): Promise<void> => {
    for (let n = 0; n < 400 && !done(); n++) await sleep(25);
    expect(done()).toBe(true);
  };

  test('jobs sent at once are all done, each by one of two replicas, without waiting for a poll', async () => {
    const done: string[] = [];
    const replicas = [make(), make()];
    for (const jobs of replicas) jobs.work('logs.delete_of_file', async ({ fileId }) => void done.push(fileId));
    await Promise.all(replicas.map((jobs) => jobs.start()));
    const ids = Array.from({ length: 20 }, (_, n) => `pr_${n}`);
    for (const fileId of ids) await replicas[0]?.enqueue('logs.delete_of_file', { workspaceId: 'ws', fileId });
    await until(() => done.length >= 20);
    await sleep(100);
    expect(done.toSorted()).toEqual(ids.toSorted());
  });

  test('a failed job is tried again, and told which attempt it is', async () => {
    const jobs = make();
    const attempts: [number, boolean][] = [];
    jobs.work('webhook.deliver', async ({ deliveryId }, { attempt, isLast }) => {
      if (deliveryId !== 'd') return;
      attempts.push([attempt, isLast]);
      if (attempt === 1) throw new Error('not yet');
    });
    await jobs.start();
    await storage.executeSql(`UPDATE jobs.queue SET retry_delay = 1, retry_backoff = false WHERE name = 'webhook.deliver'`);
    const payload = { workspaceId: 'ws', webhookId: 'wh', deliveryId: 'd', event: 'e', at: 'now', body: { a: 1 } };
    await jobs.enqueue('webhook.deliver', payload);
    await until(() => attempts.length === 1);
    await sleep(1_500);
    // Its time has come; whatever wakes the workers next finds it.
    await jobs.enqueue('webhook.deliver', { ...payload, deliveryId: 'other' });
    await until(() => attempts.length === 2);
    expect(attempts).toEqual([
      [1, false],
      [2, false],
    ]);
  });

  test('what is sent in a transaction that fails is not sent', async () => {
    const jobs = make();
    const done: string[] = [];
    jobs.work('logs.delete_of_workspace', async ({ workspaceId }) => void done.push(workspaceId));
    await jobs.start();
    const send = (workspaceId: string, fail: boolean): Promise<void> =>
      storage
        .database<Record<string, never>>()
        .transaction()
        .execute(async (tx) => {
          await jobs.enqueue('logs.delete_of_workspace', { workspaceId }, { transaction: tx as never });
          if (fail) throw new Error('undone');
        });
    await expect(send('undone', true)).rejects.toThrow('undone');
    await send('kept', false);
    await until(() => done.length > 0);
    expect(done).toEqual(['kept']);
  });

  test('a job outlives the process that sent it, and is done late if it says so', async () => {
    const first = make();
    await first.start({ work: false });
    await first.enqueue('logs.erase', {}, { afterSeconds: 1 });
    await first.stop();
    const second = make();
    let doneAt = 0;
    const startedAt = Date.now();
    second.work('logs.erase', async () => void (doneAt = Date.now()));
    await second.start();
    await storage.executeSql(`SELECT 1`);
    await sleep(1_200);
    // Whatever wakes the workers next finds it: here, another job.
    await second.enqueue('logs.erase', {});
    await until(() => doneAt > 0);
    expect(doneAt).toBeGreaterThan(startedAt);
  });

  test('before the start a job waits, but never within a transaction, which could hold up the start itself', async () => {
    const jobs = make();
    const done: string[] = [];
    jobs.work('logs.delete_of_workspace', async ({ workspaceId }) => void done.push(workspaceId));
    const early = jobs.enqueue('logs.delete_of_workspace', { workspaceId: 'early' });
    const within = storage
      .database<Record<string, never>>()
      .transaction()
      .execute((tx) => jobs.enqueue('logs.delete_of_workspace', { workspaceId: 'within' }, { transaction: tx as never }));
    await expect(within).rejects.toMatchObject({ code: 'unavailable' });
    await jobs.start();
    await early;
    await until(() => done.length > 0);
    expect(done).toEqual(['early']);
  });

  test('a payload that the table does not know is refused before it is kept', async () => {
    const jobs = make();
    await jobs.start({ work: false });
    await expect(jobs.enqueue('logs.delete_of_workspace', { workspaceId: 5 } as never)).rejects.toThrow();
  });

  test('schedules are kept once, and go when a version no longer has them', async () => {
    const schedules = async (): Promise<unknown[]> =>
      (await storage.executeSql<{ name: string; cron: string }>('SELECT name, cron FROM jobs.schedule')).rows;
    for (let round = 0; round < 2; round++) {
      const jobs = make();
      jobs.schedule('logs.retain', '17 3 * * *', {});
      await jobs.start();
      expect(await schedules()).toEqual([{ name: 'logs.retain', cron: '17 3 * * *' }]);
      await jobs.stop();
    }
    await make().start();
    expect(await schedules()).toEqual([]);
  });

  test('stopping lets what runs finish', async () => {
    const jobs = make();
    let finished = false;
    let begun = false;
    jobs.work('logs.retain', async () => {
      begun = true;
      await sleep(300);
      finished = true;
    });
    await jobs.start();
    await jobs.enqueue('logs.retain', {});
    await until(() => begun);
    await jobs.stop();
    expect(finished).toBe(true);
  });
});
