import { type AnyObject, AppError, type ChatMessage, type Scope, type ToolCall, type ToolChoice, toolChoice } from '@whetstone/contract';
import type { FastifyReply } from 'fastify';
import type { FileRef, VersionSelector } from '../../files/index.ts';
import type { NewLog } from '../../logs/index.ts';
import type { Doors } from '../doors.ts';
import { notLogged } from '../prompt-call.ts';
import type { Asked } from '../room.ts';
import { parseFileName } from '../steps/model-name.ts';
import type { ChatChunk, ChatDelta } from '../wire/chat.ts';
import { type Begin, eventStream, write } from './answer.ts';

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
  listener: {
    signal: AbortSignal;
    onText: ((text: string) => Promise<void>) | null;
    /** Headers that the answer is to carry too; before any text. */
    onHeaders: (more: Record<string, string>) => void;
  },
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

/** Runs an agent and answers in the door's shape as a model would. Throws what is wrong before the first byte. */
export async function answerAgent({ call, doors, scope, asked }: Answering, reply: FastifyReply, begin: Begin): Promise<void> {
  const startedAt = doors.now();
  const id = doors.newLogId(startedAt);
  const model = 'model' in asked.names ? asked.names.model : '';
  const frame = { id, created: Math.floor(startedAt.getTime() / 1000), model };
  const voice = begin(id, startedAt, model);
  const headers: Record<string, string> = { ...voice.headers, 'x-whetstone-log-id': id };
  const gone = new AbortController();
  const out = reply.raw;
  out.once('close', () => {
    if (!out.writableFinished) gone.abort();
  });
  const say = async (delta: ChatDelta, reason: string | null, usage: AnyObject | null = null): Promise<void> => {
    if (!out.headersSent) reply.hijack().raw.writeHead(200, { ...headers, ...eventStream });
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: reason }];
    const text = voice.chunk({ ...frame, object: 'chat.completion.chunk', choices, usage } as unknown as ChatChunk);
    if (text === '' || out.destroyed || out.write(text)) return;
    await new Promise<void>((resolve) => void out.once('drain', resolve).once('close', resolve));
  };
  try {
    const onText = asked.stream ? (content: string): Promise<void> => say({ content }, null) : null;
    const answer = await call(scope, chatOf(asked, id, model), {
      signal: gone.signal,
      onText,
      onHeaders: (more) => void Object.assign(headers, more),
    });
    const { content, toolCalls, finishReason, dropped } = answer;
    if (dropped && doors.failClosed && !out.headersSent) throw notLogged();
    const usage = usageOf(answer);
    if (asked.stream) {
      if (toolCalls.length > 0)
        await say({ tool_calls: toolCalls.map((each, index) => ({ index, ...each })) as NonNullable<ChatDelta['tool_calls']> }, null);
      await say({}, finishReason, usage);
      if (dropped) out.write(': x-whetstone-log-dropped: 1\n\n');
      out.end(voice.end());
      return;
    }
    const message = { role: 'assistant', content, refusal: null, ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}) };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: finishReason }];
    const whole = voice.whole({ ...frame, object: 'chat.completion', choices, ...(usage === null ? {} : { usage }) });
    reply.hijack();
    const more = dropped ? { 'x-whetstone-log-dropped': '1' } : {};
    if (!out.destroyed) write(out, 200, { 'content-type': 'application/json', ...headers, ...more }, Buffer.from(JSON.stringify(whole)));
  } catch (error) {
    if (!out.headersSent || !(error instanceof AppError)) throw error;
    out.end(voice.fail(error, null, false));
  }
}

function chatOf(asked: Asked, id: string, model: string): AgentChat {
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

/** Absent where it is not known: zero would be free. */
function usageOf({ promptTokens, outputTokens }: AgentChatAnswer): AnyObject | null {
  if (promptTokens === null || outputTokens === null) return null;
  return { prompt_tokens: promptTokens, completion_tokens: outputTokens, total_tokens: promptTokens + outputTokens };
}
