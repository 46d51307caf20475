import type { AnyObject, ChatMessage, Scope, ToolCall, ToolChoice } from '@whetstone/contract';
import type { Snapshot } from '../files/index.ts';
import type { Sample } from '../gateway/index.ts';
import type { NewLog } from '../logs/index.ts';
import type { AgentEvent } from './index.ts';
import { callModel } from './model.ts';
import type { Room } from './room.ts';
import type { AgentFunction } from './toolbox.ts';
import type { Tally } from './usage.ts';

/** Model calls of a turn where the version does not say. */
export const usualIterations = 10;
const mostIterations = 100;
/** Of one message, run at once. */
const toolsAtOnce = 8;
const longestResult = 200_000;

type Distribute<E> = E extends unknown ? Omit<E, 'logId' | 'agent'> : never;

/** A turn as it runs. */
export interface Turn {
  scope: Scope;
  agent: Snapshot<'agent'>;
  environmentId: string | null;
  environment: string | null;
  logId: string;
  inputs: AnyObject;
  /** What follows the template: the caller's messages, then what the model and the tools said. */
  conversation: ChatMessage[];
  /** The template filled in, once the model was called. */
  populated: ChatMessage[];
  toolChoice: ToolChoice | null;
  providerApiKeys: Record<string, string>;
  /** Of the logs below. */
  childLog: Partial<NewLog> & Pick<NewLog, 'origin'>;
  functions: ReadonlyMap<string, AgentFunction>;
  tally: Tally;
  iterations: number;
  depth: number;
  signal: AbortSignal;
  /** Null: nobody listens, and models need not stream. */
  emit: ((event: Distribute<Exclude<AgentEvent, { type: 'turn_suspend' | 'turn_end' }>>) => void | Promise<void>) | null;
  /** Before the first tool runs, so that what runs has a parent. */
  begin(): Promise<void>;
}

export interface TurnEnd {
  why: 'answered' | 'stopped' | 'iterations' | 'suspended';
  sample: Sample;
  message: ChatMessage;
  /** Result of the tool that stopped the turn, when the server ran it. */
  result: string | null;
}

/** The loop. What was said is in the turn's conversation; the last message is in it only when the agent waits. */
export async function runTurn(room: Room, turn: Turn): Promise<TurnEnd> {
  const most = Math.min(turn.agent.version.kernel.max_iterations ?? usualIterations, mostIterations);
  for (;;) {
    turn.iterations += 1;
    await turn.emit?.({ type: 'model_start', iteration: turn.iterations });
    const { sample, populated } = await callModel(room, turn);
    turn.populated = populated;
    turn.tally.addSample(sample);
    await turn.emit?.({ type: 'model_end', sample });
    const message: ChatMessage = sample.outputMessage ?? { role: 'assistant', content: sample.output };
    const calls = message.tool_calls ?? [];
    const end = { sample, message, result: null };
    if (calls.length === 0) return { ...end, why: 'answered' };
    const stopping = calls.filter((call) => turn.functions.get(call.function.name)?.stops === true);
    if (stopping.length > 0) {
      await turn.begin();
      const results = await runTools(turn, stopping);
      return { ...end, why: 'stopped', result: results.at(-1)?.content ?? null };
    }
    if (turn.iterations >= most) return { ...end, why: 'iterations' };
    turn.conversation.push(message);
    await turn.begin();
    const results = await runTools(turn, calls);
    turn.conversation.push(...results.map(({ call, content }): ChatMessage => ({ role: 'tool', tool_call_id: call.id, content })));
    if (results.length < calls.length) return { ...end, why: 'suspended' };
  }
}

interface Result {
  call: ToolCall;
  content: string;
}

/** Results of those that the server runs, in the order of the calls. */
async function runTools(turn: Turn, calls: readonly ToolCall[]): Promise<Result[]> {
  const mine = calls.filter((call) => turn.functions.get(call.function.name)?.run !== null);
  const results = new Map<ToolCall, Result>();
  const waiting = [...mine];
  const worker = async (): Promise<void> => {
    for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) results.set(call, await runTool(turn, call));
  };
  const done = await Promise.allSettled(Array.from({ length: Math.min(toolsAtOnce, waiting.length) }, worker));
  const failed = done.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return mine.flatMap((call) => results.get(call) ?? []);
}

async function runTool(turn: Turn, call: ToolCall): Promise<Result> {
  await turn.emit?.({ type: 'tool_start', call });
  const { content, toolLogId } = await resultOf(turn, call);
  await turn.emit?.({ type: 'tool_end', call, toolLogId, result: content });
  return { call, content };
}

async function resultOf(turn: Turn, call: ToolCall): Promise<{ content: string; toolLogId: string | null }> {
  const known = turn.functions.get(call.function.name);
  if (known?.run == null) {
    const names = [...turn.functions.keys()].map((name) => `\`${name}\``).join(', ');
    return { content: `Error: there is no tool \`${call.function.name}\`; there are ${names}.`, toolLogId: null };
  }
  const given = argumentsOf(call);
  if (given === null) return { content: 'Error: the arguments are not a JSON object. Call the tool again with one.', toolLogId: null };
  const { emit, childLog: log, providerApiKeys, depth, signal } = turn;
  const outcome = await known.run({
    arguments: given,
    log,
    providerApiKeys,
    depth: depth + 1,
    signal,
    onUpdate: emit === null ? null : (update) => emit({ type: 'tool_update', call, update }),
  });
  if (outcome.usage !== null) turn.tally.add(outcome.usage);
  return { content: shortened(outcome.content), toolLogId: outcome.logId };
}

function argumentsOf(call: ToolCall): AnyObject | null {
  const text = call.function.arguments ?? '';
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as AnyObject) : null;
  } catch {
    return null;
  }
}

/** A tool that answers with a book would fill the model's context and every log after it. */
function shortened(text: string): string {
  if (text.length <= longestResult) return text;
  return `${text.slice(0, longestResult).toWellFormed()}\n[${text.length - longestResult} more characters were cut]`;
}

/** The calls of a conversation's last assistant message that have no result. */
export function pendingCalls(conversation: readonly ChatMessage[]): { message: ChatMessage; calls: ToolCall[] } | null {
  const at = conversation.findLastIndex(({ role }) => role === 'assistant');
  const message = conversation[at];
  if (message === undefined) return null;
  const answered = new Set(conversation.slice(at + 1).map(({ tool_call_id: id }) => id));
  const calls = (message.tool_calls ?? []).filter(({ id }) => !answered.has(id));
  return calls.length === 0 ? null : { message, calls };
}
