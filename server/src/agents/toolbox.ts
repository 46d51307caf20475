import { AppError, type AgentKernel, type AgentLinkedFile, type AnyObject, type Scope, type ToolFunction } from '@whetstone/contract';
import type { Snapshot } from '../files/index.ts';
import { isLinkable, type LinkedKinds } from './linked/index.ts';
import type { LinkedKind, Outcome, Use } from './linked/kind.ts';
import type { Room } from './room.ts';

/** What a model of an agent may call. */
export interface AgentFunction {
  declared: ToolFunction;
  /** Calling it ends the turn. */
  stops: boolean;
  /** Null: the caller runs it. */
  run: ((use: RunOf) => Promise<Outcome>) | null;
}
type RunOf = Pick<Use<'tool'>, 'log' | 'providerApiKeys' | 'depth' | 'signal' | 'onUpdate'> & { arguments: AnyObject };

/** The functions of a version, by name. 400 for a link that leads nowhere and for two functions of one name. */
export async function openToolbox(room: Room, scope: Scope, kernel: AgentKernel, kinds: LinkedKinds): Promise<Map<string, AgentFunction>> {
  const tools = kernel.tools ?? [];
  const names = tools.some((tool) => 'link' in tool) ? await environmentNames(room, scope) : new Map<string, string>();
  const functions = await Promise.all(
    tools.map(async (tool): Promise<AgentFunction> => {
      const stops = tool.on_agent_call === 'stop';
      if (!('link' in tool)) return { declared: tool.json_schema, stops, run: null };
      return { ...(await linkedFunction(room, scope, { link: tool.link, names, kinds })), stops };
    }),
  );
  const byName = new Map<string, AgentFunction>();
  for (const each of functions) {
    if (byName.has(each.declared.name))
      throw new AppError('bad_request', `The agent has two tools whose function is \`${each.declared.name}\`. Rename one of them.`);
    byName.set(each.declared.name, each);
  }
  return byName;
}

async function environmentNames(room: Room, scope: Scope): Promise<Map<string, string>> {
  return new Map((await room.files.environments.list(scope)).map(({ id, name }) => [id, name]));
}

async function linkedFunction(
  room: Room,
  scope: Scope,
  { link, names, kinds }: { link: AgentLinkedFile['link']; names: ReadonlyMap<string, string>; kinds: LinkedKinds },
): Promise<Omit<AgentFunction, 'stops'>> {
  const environment = link.environment_id == null ? null : names.get(link.environment_id);
  if (environment === undefined) throw leadsNowhere(`the environment \`${link.environment_id}\``);
  const at = { versionId: link.version_id ?? null, environment: link.version_id == null ? environment : null };
  const { snapshot, environmentId } = await room.files.resolve(scope, null, { id: link.file_id }, at).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'not_found') throw leadsNowhere(`\`${link.version_id ?? link.file_id}\``);
    throw error;
  });
  if (!isLinkable(snapshot))
    throw new AppError('bad_request', `The agent links \`${snapshot.file.path}\`, which is no tool, prompt or agent.`);
  // The kind of the snapshot is the kind of its row of the table.
  const kind = kinds[snapshot.kind] as unknown as LinkedKind<'tool'>;
  const linked = snapshot as unknown as Snapshot<'tool'>;
  const place = { scope, snapshot: linked, environmentId, environment: environmentId === null ? null : (names.get(environmentId) ?? null) };
  return {
    declared: kind.functionOf(linked),
    run: kind.runs(room, linked) ? (use) => kind.run(room, { ...place, ...use }) : null,
  };
}

function leadsNowhere(what: string): AppError {
  return new AppError('bad_request', `The agent links ${what}, which does not exist. Save the agent with another link.`);
}
