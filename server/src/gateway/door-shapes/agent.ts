import type { AnyObject, Scope } from '@whetstone/contract';
import { AppError } from '@whetstone/contract';
import type { FastifyReply } from 'fastify';
import { agentUsage, type CallAgent, chatOfAgent } from '../door/agent.ts';
import { write } from '../door/answer.ts';
import type { Doors } from '../doors.ts';
import { notLogged } from '../prompt-call.ts';
import type { Asked } from '../room.ts';
import type { ChatChunk, ChatDelta } from '../wire/chat.ts';
import { eventStream, type Voice } from './answer.ts';

interface Answering {
  call: CallAgent;
  doors: Doors;
  scope: Scope;
  asked: Asked;
}

/** Runs an agent and answers in the door's shape. Throws what is wrong before the first byte. */
export async function answerAgentAs(
  { call, doors, scope, asked }: Answering,
  reply: FastifyReply,
  begin: (logId: string, startedAt: Date, model: string) => Voice,
): Promise<void> {
  const startedAt = doors.now();
  const id = doors.newLogId(startedAt);
  const model = 'model' in asked.names ? asked.names.model : '';
  const frame = { id, created: Math.floor(startedAt.getTime() / 1000), model };
  const voice = begin(id, startedAt, model);
  const headers = { ...voice.headers, 'x-whetstone-log-id': id };
  const gone = new AbortController();
  const out = reply.raw;
  out.once('close', () => {
    if (!out.writableFinished) gone.abort();
  });
  const say = async (delta: ChatDelta, reason: string | null, usage: AnyObject | null = null): Promise<void> => {
    if (!out.headersSent) reply.hijack().raw.writeHead(200, { ...headers, ...eventStream });
    const chunk = {
      ...frame,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
      usage,
    };
    const text = voice.chunk(chunk as unknown as ChatChunk);
    if (text === '' || out.destroyed || out.write(text)) return;
    await new Promise<void>((resolve) => void out.once('drain', resolve).once('close', resolve));
  };
  try {
    const onText = asked.stream ? (content: string): Promise<void> => say({ content }, null) : null;
    const answer = await call(scope, chatOfAgent(asked, frame), { signal: gone.signal, onText });
    const { content, toolCalls, finishReason, dropped } = answer;
    if (dropped && doors.failClosed && !out.headersSent) throw notLogged();
    if (asked.stream) {
      if (toolCalls.length > 0)
        await say({ tool_calls: toolCalls.map((each, index) => ({ index, ...each })) as NonNullable<ChatDelta['tool_calls']> }, null);
      await say({}, finishReason, agentUsage(answer));
      if (dropped) out.write(': x-whetstone-log-dropped: 1\n\n');
      out.end(voice.end());
      return;
    }
    const message = { role: 'assistant', content, refusal: null, ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}) };
    const usage = agentUsage(answer);
    const whole = { ...frame, choices: [{ index: 0, message, finish_reason: finishReason }], ...(usage === null ? {} : { usage }) };
    reply.hijack();
    const more = dropped ? { 'x-whetstone-log-dropped': '1' } : {};
    if (!out.destroyed)
      write(out, 200, { 'content-type': 'application/json', ...headers, ...more }, Buffer.from(JSON.stringify(voice.whole(whole))));
  } catch (error) {
    if (!out.headersSent || !(error instanceof AppError)) throw error;
    out.end(voice.fail(error, null, false));
  }
}
