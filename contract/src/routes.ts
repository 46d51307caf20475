import { z } from 'zod';

const at = z.iso.datetime();

/** One place where a route's calls may go. */
export const routeTarget = z.object({
  /** As the provider has it. */
  model: z.string().min(1).max(200),
  /** Name of a credential or of a provider; without one the model's name decides, as in a call. */
  credential: z.string().min(1).max(64).nullish(),
  /** Its part of the calls; 0: only when those before it failed. */
  weight: z.number().int().min(0).max(1000).default(0),
  /** How often it is asked again before the next target is. */
  retries: z.number().int().min(0).max(5).default(0),
  /** Until it begins to answer; the server's limit unless given. */
  timeout_seconds: z.number().min(1).max(900).nullish(),
});
export const routeName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-z0-9][a-z0-9._-]*$/i, 'letters, digits, dot, dash and underscore');
export const routeRequest = z.object({
  targets: z.array(routeTarget).min(1).max(20),
  /** Equal requests get the answer that was given before, for so long. */
  cache_ttl_seconds: z.number().int().min(1).max(2_592_000).nullish(),
});
export const route = z.object({
  name: routeName,
  targets: z.array(routeTarget),
  cache_ttl_seconds: z.number().int().nullable(),
  created_at: at,
  updated_at: at,
});

export const limitSubjects = ['key', 'user'] as const;
export type LimitSubject = (typeof limitSubjects)[number];

const amounts = {
  requests_per_minute: z.number().int().min(1).max(10_000_000).nullish(),
  tokens_per_minute: z.number().int().min(1).max(10_000_000_000).nullish(),
  usd_per_day: z.number().min(0).max(1_000_000_000).nullish(),
  usd_per_month: z.number().min(0).max(1_000_000_000).nullish(),
};
/** `key`: an API key by its id. `user`: an end user as calls name them, `*` being everyone without a limit of their own. */
export const limitRequest = z.object({ subject: z.enum(limitSubjects), id: z.string().min(1).max(512), ...amounts });
export const limit = limitRequest.extend({
  updated_at: at,
  /** So far, of the day and of the month in UTC; null for `*`. */
  used: z.object({ usd_today: z.number(), usd_this_month: z.number() }).nullable(),
});
