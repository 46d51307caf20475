import type { JsonObject, Scope } from '@whetstone/contract';
import type { Snapshot } from '../files/index.ts';
import type { LogState, NewLog } from '../logs/index.ts';

export { createTools, type ToolsDeps } from './create-tools.ts';

/** Runs tools of every kind that a server can run (`kinds/*.ts`), and keeps their environment variables. */
export interface Tools {
  /**
   * Runs a version with inputs and leaves one log, durable when this resolves. What is wrong with the request or the
   * tool's settings is thrown, and nothing is logged, unless `refusals` says so; what goes wrong while it runs is the
   * result's `error`. The same `log.id` again answers what the first call left.
   */
  call(scope: Scope, call: ToolCall, signal: AbortSignal): Promise<ToolResult>;
  /** Whether the server runs it; else the application does, and gives the result. */
  runs(tool: Snapshot<'tool'>): boolean;
  variables: {
    list(scope: Scope, fileId: string): Promise<ToolVariable[]>;
    /** Sets those that are named and leaves the others. */
    set(scope: Scope, fileId: string, variables: readonly { name: string; value: string }[]): Promise<ToolVariable[]>;
    delete(scope: Scope, fileId: string, name: string): Promise<void>;
  };
  /** At start: seals again what an older master key sealed. Returns how many. */
  rotateVariables(): Promise<number>;
  deleteWorkspace(workspaceId: string): Promise<void>;
  /** Waits for what runs, so that it is logged before the stores close. */
  close(): Promise<void>;
}

export interface ToolCall {
  tool: Snapshot<'tool'>;
  environmentId: string | null;
  inputs: JsonObject;
  /** What the log carries beside the call: id, origin, parent, user, metadata … */
  log: Partial<NewLog> & Pick<NewLog, 'origin'>;
  /** `log`: a refusal is the result's error and has a log, as an agent wants it. Default `throw`. */
  refusals?: 'throw' | 'log';
}
export interface ToolResult {
  logId: string;
  output: string | null;
  error: string | null;
  status: LogState;
  startTime: Date;
  endTime: Date;
  /** The log could not be written. */
  dropped: boolean;
  /** Nothing ran: the log of this id was there. */
  repeated: boolean;
}
export interface ToolVariable {
  name: string;
  /** Last characters, never so many that they give a short value away. */
  hint: string;
  updatedAt: Date;
}
