import type { AnyObject, ChatMessage, ResponseFormat } from '@whetstone/contract';
import type { Outcome, Subject } from '@whetstone/evaluators';

/** What passes between the server and the thread in which the library judges. */

export type ToThread =
  | { type: 'judge'; id: number; name: string; options: AnyObject; subject: Subject; asks: boolean; embeds: boolean }
  | { type: 'answer'; id: number; call: number; ok: true; value: unknown }
  | { type: 'answer'; id: number; call: number; ok: false; message: string }
  | { type: 'stop'; id: number }
  | { type: 'ping' };

export type Question = { ask: { messages: ChatMessage[]; response_format: ResponseFormat } } | { embed: string[] };

export type FromThread =
  | { type: 'outcome'; id: number; outcome: Outcome }
  | { type: 'question'; id: number; call: number; question: Question }
  | { type: 'pong' };
