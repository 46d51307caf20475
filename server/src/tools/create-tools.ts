import type { Sandbox } from '@whetstone/sandbox';
import type { Files } from '../files/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Outbound } from '../outbound/index.ts';
import type { People, Vault } from '../people/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Tools } from './index.ts';
import { kindOf } from './kinds/index.ts';
import type { Room } from './room.ts';
import { callTool } from './run.ts';
import { createVariables } from './variables/variables.ts';

export interface ToolsDeps {
  storage: Pick<Storage, 'database'>;
  files: Pick<Files, 'get' | 'versions'>;
  logs: Pick<Logs, 'newId' | 'record' | 'find'>;
  outbound: Pick<Outbound, 'fetch' | 'checkUrl'>;
  credentials: Pick<People['credentials'], 'resolve'>;
  gateway: Pick<Gateway, 'embed'>;
  sandbox: Pick<Sandbox, 'call' | 'state'>;
  vault: Vault;
  audit: Pick<People['audit'], 'record'>;
  log: { warn(fields: object, message: string): void };
  clock?: () => Date;
}

export function createTools(deps: ToolsDeps): Tools {
  const { storage, files, vault, audit } = deps;
  const clock = deps.clock ?? (() => new Date());
  const variables = createVariables({ storage, files, vault, audit, clock });
  const room: Room = {
    logs: deps.logs,
    outbound: deps.outbound,
    credentials: deps.credentials,
    variables,
    embed: (scope, call, signal) => deps.gateway.embed(scope, call, signal),
    sandbox: deps.sandbox,
    clock,
    warn: (fields, message) => deps.log.warn(fields, message),
    byId: new Map(),
    running: new Set(),
  };
  return {
    call: (scope, call, signal) => callTool(room, scope, call, signal),
    runs: (tool) => {
      const kind = kindOf(tool.version.kernel);
      return kind !== null && kind.runs && !(kind.type === 'python' && deps.sandbox.state()?.python.walls === 'disabled');
    },
    variables,
    rotateVariables: () => variables.rotate(),
    deleteWorkspace: (workspaceId) => variables.deleteWorkspace(workspaceId),
    async close() {
      await Promise.allSettled(room.running);
    },
  };
}
