import type { Experiments } from '../experiments/index.ts';
import type { Files } from '../files/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Tools } from '../tools/index.ts';
import { callAgent } from './call.ts';
import { chatWith } from './chat.ts';
import { continueAgent } from './continue.ts';
import type { Agents } from './index.ts';
import { modelPath } from './model.ts';
import type { Room } from './room.ts';
import { createClaims } from './turns/claims.ts';

export interface AgentsDeps {
  storage: Pick<Storage, 'database'>;
  files: Pick<Files, 'resolve' | 'environments' | 'find' | 'delete'>;
  /** Without it no call takes part in any. */
  experiments?: Pick<Experiments, 'serve'>;
  logs: Pick<Logs, 'newId' | 'record' | 'change' | 'find'>;
  gateway: Pick<Gateway, 'callPrompt' | 'streamPrompt' | 'populate'>;
  tools: Pick<Tools, 'call' | 'runs'>;
  log: { warn(fields: object, message: string): void };
  clock?: () => Date;
}

export function createAgents(deps: AgentsDeps): Agents {
  const { files, logs, gateway, tools, storage } = deps;
  const clock = deps.clock ?? (() => new Date());
  const claims = createClaims(storage, clock);
  const room: Room = {
    files,
    experiments: deps.experiments ?? { serve: async (_scope, { snapshot }) => ({ snapshot, assigned: null }) },
    logs,
    gateway,
    tools,
    claims,
    clock,
    warn: (fields, message) => deps.log.warn(fields, message),
    byId: new Map(),
    running: new Set(),
  };
  return {
    call: (scope, call, options) => callAgent(room, scope, call, options),
    continue: (scope, request, options) => continueAgent(room, scope, request, options),
    chat: (scope, chat, listener) => chatWith(room, scope, chat, listener),
    async deleteFile(scope, fileId) {
      const calls = await deps.files.find(scope, 'prompt', { path: modelPath(fileId) });
      if (calls !== null) await deps.files.delete(scope, 'prompt', calls.file.id);
    },
    deleteWorkspace: (workspaceId) => claims.deleteWorkspace(workspaceId),
    async close() {
      await Promise.allSettled(room.running);
    },
  };
}
