import type { JsonObject, ToolKernel } from '@whetstone/contract';
import { createSandbox, type Sandbox } from '@whetstone/sandbox';
import { type House, openHouse } from '../../gateway/test/house.ts';
import type { Snapshot } from '../../files/index.ts';
import type { StoredLog } from '../../logs/index.ts';
import { createOutbound, type Outbound } from '../../outbound/index.ts';
import { openVault, type UsableCredential, type Vault } from '../../people/index.ts';
import { silent } from '../../test/storage.ts';
import { createTools, type ToolCall, type ToolResult, type Tools } from '../index.ts';

/** The rooms below on real stores, the fake services, and the room of tools; it may call private addresses unless told otherwise. */
export interface ToolHouse extends House {
  tools: Tools;
  vault: Vault;
  audited: { action: string; data?: unknown }[];
  /** The room again, with something else than usual. */
  with(more: { outbound?: Outbound; vault?: Vault; sandbox?: Pick<Sandbox, 'call' | 'state'> }): Tools;
  save(path: string, kernel: ToolKernel): Promise<Snapshot<'tool'>>;
  run(tool: Snapshot<'tool'>, inputs?: JsonObject, more?: Partial<ToolCall>, signal?: AbortSignal): Promise<ToolResult>;
  log(result: { logId: string }): Promise<StoredLog>;
}

export async function openToolHouse(): Promise<ToolHouse> {
  const house = await openHouse();
  const { storage, files, logs, gateway, credentials, scope } = house;
  const outbound = createOutbound({ allowPrivate: true, connectTimeoutMs: 500 });
  const vault = await openVault({ storage, secret: 'a master key for tests', log: silent });
  const sandbox = createSandbox({ log: silent, concurrency: 1 });
  const audited: ToolHouse['audited'] = [];
  const find = (name: string): UsableCredential | null =>
    credentials.find((each) => each.name === name) ?? credentials.find((each) => each.provider === name) ?? null;
  const make: ToolHouse['with'] = (more) =>
    createTools({
      storage,
      files,
      logs,
      gateway,
      outbound,
      vault,
      credentials: { resolve: async (_scope, name) => find(name) },
      audit: { record: async (_scope, entry) => void audited.push({ action: entry.action, data: entry.data }) },
      log: silent,
      sandbox,
      ...more,
    });
  const tools = make({});
  return {
    ...house,
    tools,
    vault,
    audited,
    with: make,
    save: async (path, kernel) => (await files.upsert(scope, 'tool', { path, kernel })).snapshot,
    run: (tool, inputs = {}, more = {}, signal = new AbortController().signal) =>
      tools.call(scope, { tool, environmentId: null, inputs, log: { origin: 'api' }, ...more }, signal),
    log: async ({ logId }) => {
      const found = await logs.find(scope, logId);
      if (found === null) throw new Error(`There is no log ${logId}.`);
      return found;
    },
    close: async () => {
      await tools.close();
      await sandbox.close();
      await outbound.close();
      await house.close();
    },
  };
}
