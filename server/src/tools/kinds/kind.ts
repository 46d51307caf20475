import type { AnyObject, Scope, ToolKernel, ToolType } from '@whetstone/contract';
import type { Sandbox } from '@whetstone/sandbox';
import type { Snapshot } from '../../files/index.ts';
import type { Secrets } from '../secrets.ts';
import type { Request, Response } from '../request.ts';

/** A kind of tool: how it is called. */
export interface ToolKind {
  type: ToolType;
  /** False: the application runs it and logs the run. */
  runs: boolean;
  /** Where it sends what it is given, whatever the inputs: environment variables are kept for this origin. Null: nowhere fixed. */
  origin?(setup: AnyObject): string | null;
  /** Throws an AppError for what cannot be called as it is, a ToolFailure for what went wrong on the way. */
  call(run: Run): Promise<string>;
}

/** One run of a tool. */
export interface Run {
  scope: Scope;
  tool: Snapshot<'tool'>;
  kernel: ToolKernel;
  setup: AnyObject;
  inputs: AnyObject;
  secrets: Secrets;
  /** One request to elsewhere, checked and logged; throws a ToolFailure when it has no answer. */
  send(request: Request): Promise<Response>;
  /** A text as a vector, by a model that the gateway knows; logged below this run. */
  embed(model: string, text: string): Promise<number[]>;
  /** Code in the sandbox, and nothing of this workspace within its reach. */
  runPython(source: string, entry: string | null): ReturnType<Sandbox['call']>;
  /** Keeps in the log what the code printed. */
  printed(text: string): void;
}
