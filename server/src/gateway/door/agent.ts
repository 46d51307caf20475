import type { ServerResponse } from 'node:http';
import { type AnyObject, AppError, type ChatMessage, type Scope, type ToolCall, type ToolChoice, toolChoice } from '@whetstone/contract';
import type { FastifyReply } from 'fastify';
import type { FileRef, VersionSelector } from '../../files/index.ts';
import type { NewLog } from '../../logs/index.ts';
import type { Doors } from '../doors.ts';
import { notLogged } from '../prompt-call.ts';
import type { Asked } from '../room.ts';
import { parseFileName } from '../steps/model-name.ts';
import { asObject } from '../wire/read.ts';
import { sseEvent } from '../wire/sse.ts';
import { write } from './answer.ts';
import { errorBody } from './errors.ts';

/** A chat with an agent, as whoever runs agents gets it from the door. */
export interface AgentChat {
  ref: FileRef;
  at: VersionSelector;
  messages: ChatMessage[];
  inputs: AnyObject;
  toolChoice: ToolChoice | null;
  log: Partial<NewLog> & Pick<NewLog, 'origin'>;
}
export interface AgentChatAnswer {
  content: string | null;
  /** Calls that the caller is to run. */
  toolCalls: ToolCall[];
  finishReason: string;
  promptTokens: number | null;
  outputTokens: number | null;
  /** The log could not be written. */
  dropped: boolean;
}
/** Throws what was wrong; `onText` gets what models say while they say it. */
export type CallAgent = (
  scope: Scope,
  chat: AgentChat,
  listener: { signal: AbortSignal; onText: ((text: string) => Promise<void>) | null },
) => Promise<AgentChatAnswer>;

interface Answering {
  call: CallAgent;
  doors: Doors;
  scope: Scope;
  asked: Asked;
}

export function isAgent({ names }: Asked): boolean {
  return 'model' in names && names.model.startsWith('agent:');
}

/** Runs an agent and answers as a model would. Throws what is wrong before the first byte. */
export async function answerAgent(answering: Answering, reply: FastifyReply): Promise<void> {
  const { asked, doors } = answering;
  const startedAt = doors.now();
  const frame = {
    id: doors.newLogId(startedAt),
    created: Math.floor(startedAt.getTime() / 1000),
    model: 'model' in asked.names ? asked.names.model : '',
  };
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  await (asked.stream ? stream(answering, frame, gone.signal, reply) : whole(answering, frame, gone.signal, reply));
}

interface Frame {
  id: string;
  created: number;
  model: string;
}

async function whole({ call, doors, scope, asked }: Answering, frame: Frame, signal: AbortSignal, reply: FastifyReply): Promise<void> {
  const answer = await call(scope, chatOfAgent(asked, frame), { signal, onText: null });
  if (answer.dropped && doors.failClosed) throw notLogged();
  const { content, toolCalls } = answer;
  const message = { role: 'assistant', content, refusal: null, ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}) };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: answer.finishReason }];
  const body = { ...frame, object: 'chat.completion', choices, usage: agentUsage(answer) };
  reply.hijack();
  const headers = {
    'content-type': 'application/json',
    ...headersOf(frame),
    ...(answer.dropped ? { 'x-whetstone-log-dropped': '1' } : {}),
  };
  if (!reply.raw.destroyed) write(reply.raw, 200, headers, Buffer.from(JSON.stringify(body)));
}

async function stream({ call, scope, asked }: Answering, frame: Frame, signal: AbortSignal, reply: FastifyReply): Promise<void> {
  const opened: { out: ServerResponse | null } = { out: null };
  const chunk = async (delta: AnyObject, finish: string | null): Promise<void> => {
    const first = opened.out === null;
    const out = (opened.out ??= open(reply, frame));
    const choices = [{ index: 0, delta: first ? { role: 'assistant', ...delta } : delta, logprobs: null, finish_reason: finish }];
    await send(out, sseEvent({ ...frame, object: 'chat.completion.chunk', choices }));
  };
  try {
    const answer = await call(scope, chatOfAgent(asked, frame), { signal, onText: (content) => chunk({ content }, null) });
    if (answer.toolCalls.length > 0) await chunk({ tool_calls: answer.toolCalls.map((each, index) => ({ index, ...each })) }, null);
    await chunk({}, answer.finishReason);
    const { out } = opened;
    if (out === null) return;
    if (answer.dropped) out.write(': x-whetstone-log-dropped: 1\n\n');
    if (asObject(asked.body['stream_options'])?.['include_usage'] === true)
      out.write(sseEvent({ ...frame, object: 'chat.completion.chunk', choices: [], usage: agentUsage(answer) }));
    out.end('data: [DONE]\n\n');
  } catch (error) {
    if (opened.out === null || !(error instanceof AppError)) throw error;
    opened.out.end(`data: ${errorBody(error, null)}\n\n`);
  }
}

export function chatOfAgent(asked: Asked, { id, model }: Frame): AgentChat {
  const name = parseFileName(model);
  if (name === null) throw new AppError('internal', 'This is no name of an agent.');
  const environment = name.at.environment ?? (name.at.versionId == null ? asked.environment : null);
  const choice = toolChoice.safeParse(asked.body['tool_choice']);
  return {
    ref: name.ref,
    at: { versionId: name.at.versionId, environment },
    messages: asked.messages,
    inputs: asked.inputs,
    toolChoice: choice.success ? choice.data : null,
    log: { ...asked.log, id },
  };
}

function open(reply: FastifyReply, frame: Frame): ServerResponse {
  const out = reply.hijack().raw;
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };
  out.writeHead(200, { ...headers, ...headersOf(frame) });
  return out;
}

function headersOf({ id }: Frame): Record<string, string> {
  return { 'x-request-id': id, 'x-whetstone-log-id': id };
}

async function send(out: ServerResponse, event: string): Promise<void> {
  if (out.destroyed || out.write(event)) return;
  await new Promise<void>((resolve) => void out.once('drain', resolve).once('close', resolve));
}

/** Absent where it is not known: zero would be free. */
export function agentUsage({ promptTokens, outputTokens }: AgentChatAnswer): AnyObject | null {
  if (promptTokens === null || outputTokens === null) return null;
  return { prompt_tokens: promptTokens, completion_tokens: outputTokens, total_tokens: promptTokens + outputTokens };
}
