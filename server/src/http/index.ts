import type { Sandbox } from '@whetstone/sandbox';
import type { Logger } from 'pino';
import type { Agents } from '../agents/index.ts';
import type { Config } from '../config.ts';
import type { Evaluations } from '../evaluations/index.ts';
import type { Exchange } from '../exchange/index.ts';
import type { Feedback } from '../feedback/index.ts';
import type { Files } from '../files/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Hooks } from '../hooks/index.ts';
import type { Curation } from '../curation/index.ts';
import type { Judges } from '../judges/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Gates } from '../gates/index.ts';
import type { Experiments } from '../experiments/index.ts';
import type { Monitors } from '../monitors/index.ts';
import type { Operate } from '../operate/index.ts';
import type { Otlp } from '../otlp/index.ts';
import type { People } from '../people/index.ts';
import type { Reports } from '../reports/index.ts';
import type { Rules } from '../rules/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Reviews } from '../reviews/index.ts';
import type { Tools } from '../tools/index.ts';
import type { Idempotency } from './idempotency/idempotency.ts';

export { createIdempotency } from './idempotency/idempotency.ts';
export { createHttp } from './server.ts';
export { logPresenter } from './present/log.ts';
export { readLogFilter } from './v5/log-filter-names.ts';

/** The doors: who is calling, parse by contract, one verb, errors to status codes, streaming out. */
export interface Http {
  /** @returns the URL to tell the user, without a trailing slash */
  listen(): Promise<string>;
  /** Stops accepting, lets what runs finish until the deadline, then cuts it. */
  close(deadlineMs: number): Promise<void>;
}

export interface HttpDeps {
  config: Config;
  log: Logger;
  version: string;
  storage: Storage;
  people: People;
  files: Files;
  logs: Logs;
  feedback: Feedback;
  gateway: Gateway;
  evaluations: Evaluations;
  reports: Reports;
  judges: Judges;
  experiments: Experiments;
  monitors: Monitors;
  curation: Curation;
  rules: Rules;
  tools: Tools;
  agents: Agents;
  hooks: Hooks;
  operate: Operate;
  otlp: Otlp;
  exchange: Exchange;
  reviews: Reviews;
  gates: Gates;
  idempotency: Idempotency;
  sandbox: Pick<Sandbox, 'state'>;
  /** Directory of the built web app. */
  webDir: string;
}
