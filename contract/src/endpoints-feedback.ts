import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { feedbackArrivals, feedbackQuery, feedbackRequest, feedbackResponse, feedbackSummary } from './feedback.ts';

const tag = 'feedback';

export const feedbackEndpoints = {
  'feedback.create': endpoint({
    method: 'POST',
    path: '/feedback',
    permission: 'feedback',
    tag,
    summary: 'Say what a user said or did about a log: a vote, an action, a correction; alone or many at once',
    body: feedbackRequest,
    output: feedbackResponse,
  }),
  'feedback.summary': endpoint({
    method: 'GET',
    path: '/feedback/summary',
    permission: 'read',
    tag,
    summary: 'Feedback over time, by version and environment, with intervals',
    query: feedbackQuery,
    output: feedbackSummary,
  }),
  'feedback.arrivals': endpoint({
    method: 'GET',
    path: '/feedback/arrivals',
    permission: 'read',
    tag,
    summary: 'Which kinds of feedback arrive, and what is missing',
    query: z.object({ file_id: z.string().nullish() }),
    output: feedbackArrivals,
  }),
} as const;
