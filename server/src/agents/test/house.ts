import type { AgentKernel, ChatMessage, PromptKernel } from '@whetstone/contract';
import type { Snapshot } from '../../files/index.ts';
import type { StoredLog } from '../../logs/index.ts';
import { openToolHouse, type ToolHouse } from '../../tools/test/house.ts';
import { type AgentCall, type AgentEvent, type AgentRun, type Agents, createAgents } from '../index.ts';

/** The rooms below, the fake provider scripted by the last message, and the room of agents. */
export interface AgentHouse extends ToolHouse {
  agents: Agents;
  agent(path: string, kernel: Partial<AgentKernel>): Promise<Snapshot<'agent'>>;
  prompt(path: string, kernel: Partial<PromptKernel>): Promise<Snapshot<'prompt'>>;
  /** What the model does at each of its calls of one conversation; after the last it answers in words. */
  script(...steps: (Step | null)[]): void;
  call(agent: Snapshot<'agent'>, more?: Partial<AgentCall>, listen?: { signal?: AbortSignal; events?: AgentEvent[] }): Promise<AgentRun>;
  continue(logId: string, messages: ChatMessage[], events?: AgentEvent[]): Promise<AgentRun>;
  logOfId(id: string): Promise<StoredLog>;
  trace(id: string): Promise<StoredLog[]>;
}
export interface Step {
  calls?: { name: string; arguments: Record<string, unknown> }[];
  text?: string;
  status?: number;
  delayMs?: number;
}

const model = 'gpt-4o-mini';

export async function openAgentHouse(): Promise<AgentHouse> {
  const house = await openToolHouse();
  const { storage, files, logs, gateway, tools, scope } = house;
  const agents = createAgents({ storage, files, logs, gateway, tools, log: { warn: () => undefined } });
  const script: AgentHouse['script'] = (...steps) => {
    let at = 0;
    house.behave(({ path }) => {
      if (!path.includes('chat/completions')) return null;
      const step = steps[at];
      at += 1;
      if (step == null) return null;
      const { calls, ...rest } = step;
      return { ...rest, ...(calls === undefined ? {} : { toolCalls: calls }) };
    });
  };
  return {
    ...house,
    agents,
    agent: async (path, kernel) => (await files.upsert(scope, 'agent', { path, kernel: { model, ...kernel } })).snapshot,
    prompt: async (path, kernel) => (await files.upsert(scope, 'prompt', { path, kernel: { model, ...kernel } })).snapshot,
    script,
    call: (agent, more = {}, { signal = new AbortController().signal, events } = {}) =>
      agents.call(
        scope,
        {
          agent,
          environmentId: null,
          messages: [{ role: 'user', content: 'Go.' }],
          inputs: {},
          toolChoice: null,
          providerApiKeys: {},
          log: { origin: 'api' },
          ...more,
        },
        { signal, ...(events === undefined ? {} : { onEvent: (event: AgentEvent) => void events.push(event) }) },
      ),
    continue: (logId, messages, events) =>
      agents.continue(
        scope,
        { logId, messages, providerApiKeys: {} },
        {
          signal: new AbortController().signal,
          ...(events === undefined ? {} : { onEvent: (event: AgentEvent) => void events.push(event) }),
        },
      ),
    logOfId: (id) => house.log({ logId: id }),
    trace: async (id) => {
      await logs.drained(30_000);
      return logs.trace(scope, id, { payload: true });
    },
    close: async () => {
      await agents.close();
      await house.close();
    },
  };
}

export function inline(name: string, more: { on_agent_call?: 'stop' | 'continue' } = {}) {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } };
  return { type: 'inline' as const, json_schema: { name, description: `Does ${name}`, parameters }, ...more };
}

export function linked(snapshot: Snapshot, more: { on_agent_call?: 'stop' | 'continue' } = {}) {
  return { type: 'file' as const, link: { file_id: snapshot.file.id }, ...more };
}
