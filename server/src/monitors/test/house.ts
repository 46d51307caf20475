import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type EvaluationHouse, openEvaluationHouse } from '../../evaluations/test/house.ts';
import { createHooks, type Hooks } from '../../hooks/index.ts';
import { readLogFilter } from '../../http/index.ts';
import { createJobs } from '../../jobs/index.ts';
import type { Judges } from '../../judges/index.ts';
import { createLog } from '../../log.ts';
import { createOutbound } from '../../outbound/index.ts';
import { createMonitors, type Monitors } from '../index.ts';

export interface MonitorHouse extends EvaluationHouse {
  hooks: Hooks;
  monitors: Monitors;
  mails: { to: string; subject: string; text: string }[];
  /** What came to a webhook on 127.0.0.1, and where it is. */
  received: { headers: IncomingHttpHeaders; body: string }[];
  url: string;
  /** Another process of the same server. */
  watcher(more?: { judges?: Pick<Judges, 'runs' | 'judge' | 'subjectsOf'>; clock?: () => Date }): Monitors;
}

export async function openMonitorHouse(): Promise<MonitorHouse> {
  const house = await openEvaluationHouse();
  const { storage, files, logs, judges, vault } = house;
  const silent = createLog('silent');
  const jobs = createJobs({ storage, log: silent });
  const outbound = createOutbound({ allowPrivate: true });
  const hooks = createHooks({ storage, vault, jobs, outbound, audit: { record: async () => undefined } });
  await jobs.start();
  const received: MonitorHouse['received'] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const mails: MonitorHouse['mails'] = [];
  const all: Monitors[] = [];
  const watcher: MonitorHouse['watcher'] = (more = {}) => {
    const made = createMonitors({
      storage,
      files,
      logs,
      judges,
      hooks,
      mail: { send: (mail) => void mails.push(mail), close: async () => undefined },
      readFilter: (scope, text) => readLogFilter({ files }, scope, text),
      url: () => 'http://whetstone.test',
      slugOf: async () => 'shop',
      replicated: false,
      log: silent,
      clock: () => new Date(),
      randomBytes,
      ...more,
    });
    all.push(made);
    return made;
  };
  const monitors = watcher();
  house.guards.push(monitors.guard);
  logs.onRecorded((scope) => all.forEach((each) => each.wake(scope)));
  logs.onCompleted((scope) => all.forEach((each) => each.wake(scope)));
  return {
    ...house,
    hooks,
    monitors,
    mails,
    received,
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
    watcher,
    close: async () => {
      await Promise.all(all.map((each) => each.close()));
      await jobs.stop();
      await outbound.close();
      receiver.close();
      await house.close();
    },
  };
}
