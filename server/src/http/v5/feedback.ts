import {
  AppError,
  type ErrorCode,
  feedbackBatchSize,
  type FeedbackItem,
  feedbackItem,
  type FeedbackResponse,
  type Scope,
} from '@whetstone/contract';
import type { FastifyRequest } from 'fastify';
import type { Given, Refused } from '../../feedback/index.ts';
import { invalidInput } from '../errors.ts';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

/** Of what comes by a publishable key, in characters: a correction of a long answer, and no more. */
const mostPublished = 256 << 10;

/** What users say and do. */
export function feedbackHandlers(rooms: Rooms): HandlersOf<'feedback'> {
  const { feedback } = rooms;
  const dateOf = (text: string | null | undefined): Date | null => (text == null ? null : new Date(text));
  return {
    async 'feedback.create'({ scope, body, request }) {
      const many = 'feedback' in body;
      if (many) requireSize(body.feedback.length);
      const all = many ? body.feedback.map(itemOf) : [body];
      const items = isPublishable(scope) ? all.map(shortEnough) : all;
      spendOfKey(
        rooms,
        scope,
        request,
        items.map((item) => ('refused' in item ? '' : (item.user ?? ''))),
      );
      const given = await feedback.give(scope, items);
      const [only] = given;
      if (!many && only?.error != null) throw new AppError(only.error.code as ErrorCode, only.error.message);
      return presentGiven(given);
    },
    'feedback.summary': ({ scope, query }) =>
      feedback.summary(scope, {
        fileId: query.file_id ?? null,
        environment: query.environment ?? null,
        from: dateOf(query.start_date),
        to: dateOf(query.end_date),
        buckets: query.buckets,
      }),
    'feedback.arrivals': ({ scope, query }) => feedback.arrivals(scope, query.file_id ?? null),
  };
}

function requireSize(items: number): void {
  if (items >= 1 && items <= feedbackBatchSize) return;
  const msg = `holds 1 to ${feedbackBatchSize} items, not ${items}; send more in further requests`;
  throw new AppError('invalid_input', `feedback: ${msg}.`, { details: [{ loc: ['body', 'feedback'], msg, type: 'value_error' }] });
}

/** A publishable key is in everybody's hands: what comes by it is limited by key, address and user. */
export function spendOfKey({ feedback }: Pick<Rooms, 'feedback'>, scope: Scope, request: FastifyRequest, users: readonly string[]): void {
  if (!isPublishable(scope)) return;
  const wait = feedback.spend(scope.actor.id, request.ip, users);
  if (wait === null) return;
  throw new AppError(
    'rate_limited',
    `More feedback came by this key, from this address or of this user than it may. Send again in ${wait} s.`,
    {
      retryAfterSeconds: wait,
    },
  );
}

function isPublishable({ actor }: Scope): boolean {
  return actor.type === 'key' && actor.role === 'feedback';
}

function shortEnough(item: FeedbackItem | Refused): FeedbackItem | Refused {
  if (JSON.stringify(item).length <= mostPublished) return item;
  const message = `This is longer than the ${mostPublished >> 10} KB that a publishable key may send at once. Send it from your server, with a key of another role.`;
  return { refused: { code: 'invalid_input', message } };
}

function itemOf(given: unknown): FeedbackItem | Refused {
  const parsed = feedbackItem.safeParse(given, { reportInput: true });
  if (parsed.success) return parsed.data;
  const { code, details = [], message } = invalidInput(parsed.error, 'body');
  const [first] = details;
  const place = first?.loc.slice(1).join('.') ?? '';
  return { refused: { code, message: first === undefined ? message : place === '' ? first.msg : `${place}: ${first.msg}` } };
}

function presentGiven(given: readonly Given[]): FeedbackResponse {
  const refused = given.filter(({ status }) => status === 'refused').length;
  return {
    results: given.map(({ id, logId, status, error }) => ({ id, log_id: logId, status, error })),
    accepted: given.length - refused,
    refused,
  };
}
