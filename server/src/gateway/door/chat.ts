import type { AnyObject } from '@whetstone/contract';
import type { Attempt } from '../steps/call.ts';
import type { ChatChunk } from '../wire/chat.ts';
import { sseEvent } from '../wire/sse.ts';
import type { AppError } from '@whetstone/contract';
import type { Begin, Voice } from './answer.ts';
import { errorBody, type ErrorAnswer, openaiError } from './errors.ts';

/** Answers in the chat shape. `usage`: the caller asked for it at the end of the stream. */
export function chatVoice(usage: boolean): Begin {
  return (logId) => new ChatVoice(logId, usage);
}

/** A call's own answer passes by as bytes; what has no bytes yet, an agent's, is written here. */
class ChatVoice implements Voice {
  readonly wants = 'bytes';
  readonly headers: Record<string, string>;
  readonly missingEnd = 'data: [DONE]\n\n';
  readonly #usage: boolean;
  #begun = false;

  constructor(logId: string, usage: boolean) {
    this.headers = { 'x-request-id': logId };
    this.#usage = usage;
  }

  whole(completion: AnyObject): AnyObject {
    return completion;
  }

  chunk({ usage, ...chunk }: ChatChunk): string {
    const [choice] = chunk.choices;
    if (!this.#begun && choice !== undefined) choice.delta = { role: 'assistant', ...choice.delta };
    this.#begun = true;
    const said = sseEvent(chunk);
    // Its own chunk at the end, when it was asked for.
    return usage == null || !this.#usage ? said : said + sseEvent({ ...chunk, choices: [], usage });
  }

  end(): string {
    return this.missingEnd;
  }

  fail(error: AppError, attempt: Attempt | null): string {
    return `data: ${errorBody(error, attempt)}\n\n`;
  }

  error(error: AppError, attempt: Attempt | null): ErrorAnswer {
    return openaiError(error, attempt);
  }
}
