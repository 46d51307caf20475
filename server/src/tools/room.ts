import type { Sandbox } from '@whetstone/sandbox';
import type { Gateway } from '../gateway/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Outbound } from '../outbound/index.ts';
import type { People } from '../people/index.ts';
import type { ToolResult } from './index.ts';
import type { Variables } from './variables/variables.ts';

/** What a run works with. */
export interface Room {
  logs: Pick<Logs, 'newId' | 'record' | 'find'>;
  outbound: Pick<Outbound, 'fetch' | 'checkUrl'>;
  credentials: Pick<People['credentials'], 'resolve'>;
  variables: Variables;
  embed: Gateway['embed'];
  sandbox: Pick<Sandbox, 'call'>;
  clock: () => Date;
  warn(fields: object, message: string): void;
  /** Runs by workspace and log id, so that a retry waits for the first. */
  byId: Map<string, Promise<ToolResult>>;
  /** Runs whose logs are not written yet. */
  running: Set<Promise<unknown>>;
}
