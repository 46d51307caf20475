import type { Experiments } from '../experiments/index.ts';
import type { Files } from '../files/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Tools } from '../tools/index.ts';
import type { AgentRun } from './index.ts';
import type { Claims } from './turns/claims.ts';

/** What turns work with. */
export interface Room {
  files: Pick<Files, 'resolve' | 'environments'>;
  experiments: Pick<Experiments, 'serve'>;
  logs: Pick<Logs, 'newId' | 'record' | 'change' | 'find'>;
  gateway: Pick<Gateway, 'callPrompt' | 'streamPrompt' | 'populate'>;
  tools: Pick<Tools, 'call' | 'runs'>;
  claims: Claims;
  clock: () => Date;
  warn(fields: object, message: string): void;
  /** Calls by workspace and log id, so that a retry waits for the first. */
  byId: Map<string, Promise<AgentRun>>;
  /** Turns whose logs are not written yet. */
  running: Set<Promise<unknown>>;
}
