import type { AnyObject, FileKind, Scope, ToolFunction } from '@whetstone/contract';
import type { Snapshot } from '../../files/index.ts';
import type { NewLog } from '../../logs/index.ts';
import type { ToolUpdate, Usage } from '../index.ts';
import type { Room } from '../room.ts';

/** A kind of file that an agent may use as a tool. */
export interface LinkedKind<K extends FileKind> {
  kind: K;
  /** The function as the model sees it. */
  functionOf(snapshot: Snapshot<K>): ToolFunction;
  /** Whether the server runs it; else the agent waits for the caller's result. */
  runs(room: Room, snapshot: Snapshot<K>): boolean;
  /** Never throws for what the tool did wrong: the model is told. Throws when the caller is gone. */
  run(room: Room, use: Use<K>): Promise<Outcome>;
}

/** One use of a linked file. */
export interface Use<K extends FileKind> {
  scope: Scope;
  snapshot: Snapshot<K>;
  environmentId: string | null;
  /** Name of the environment. */
  environment: string | null;
  arguments: AnyObject;
  /** What the logs of the run have in common: parent, user, session, key, whether to keep payloads. */
  log: Partial<NewLog> & Pick<NewLog, 'origin'>;
  providerApiKeys: Record<string, string>;
  /** How many agents are above. */
  depth: number;
  signal: AbortSignal;
  /** Null: nobody listens. */
  onUpdate: ((update: ToolUpdate) => void | Promise<void>) | null;
}

export interface Outcome {
  /** What the model reads. */
  content: string;
  logId: string | null;
  /** Of the model calls below; null: there were none. */
  usage: Usage | null;
}
