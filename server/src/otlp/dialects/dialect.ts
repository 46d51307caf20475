import type { AnyObject, ToolKernel } from '@whetstone/contract';
import type { NewLog } from '../../logs/index.ts';
import type { Reader } from '../attributes.ts';

/** One way in which spans say what a call was. A new way is a new file and a row in the table. */
export interface Dialect {
  name: string;
  recognises(span: Reader): boolean;
  /** What is read by name leaves the attributes that are kept as metadata. */
  read(span: Reader): Reading;
}

type Fields = Pick<
  NewLog,
  | 'inputs'
  | 'messages'
  | 'output'
  | 'outputMessage'
  | 'toolChoice'
  | 'error'
  | 'model'
  | 'provider'
  | 'promptTokens'
  | 'outputTokens'
  | 'reasoningTokens'
  | 'cachedTokens'
  | 'promptCost'
  | 'outputCost'
  | 'finishReason'
  | 'firstTokenMs'
  | 'user'
  | 'session'
  | 'referenceId'
  | 'runId'
  | 'datapointId'
  | 'source'
  | 'startTime'
  | 'endTime'
>;

/** What a span says, in our words. */
export interface Reading {
  /** A model was called: `prompt`. Something was executed or retrieved: `tool`. Anything else is the flow around them. */
  kind: 'prompt' | 'tool' | 'flow';
  /** The file that the application names. */
  path?: string | null;
  /** Of a prompt: model parameters, tools, template. */
  prompt?: AnyObject;
  tool?: ToolKernel;
  flow?: AnyObject;
  log: Fields;
  metadata?: AnyObject;
  /** A log of ours that the application names as the parent; then span ids say nothing about the tree. */
  parentLogId?: string | null;
  /** A log of ours that this span finishes, instead of being one itself. */
  logId?: string | null;
  /** The application says when its trace is complete. */
  logStatus?: 'complete' | 'incomplete' | null;
  /** Every span of this sender stands alone: without a parent's id it is not the root of its trace. */
  alone?: boolean;
}
