import type { LogResponse } from '@whetstone/contract';

/** How a call came to its answer, where a route or the cache had a part in it. */
export interface Served {
  route: string | null;
  /** Attempts before the one that served, oldest first. */
  tried: { target: string; error: string }[];
  /** The log that the answer was first given to. */
  cachedFrom: string | null;
  savedUsd: number | null;
}

type Loose = Record<string, unknown>;
const object = (value: unknown): Loose | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : null;
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** From what the log keeps of the provider's answer. */
export function servedOf({ provider_response: response }: Pick<LogResponse, 'provider_response'>): Served {
  const given = object(response) ?? {};
  const cached = object(given['cached']);
  const attempts = Array.isArray(given['earlier_attempts']) ? given['earlier_attempts'] : [];
  const saved = cached?.['saved_cost_usd'];
  return {
    route: text(object(given['route'])?.['name']),
    tried: attempts.flatMap((each: unknown) => {
      const attempt = object(each);
      if (attempt === null) return [];
      const target = [text(attempt['provider']), text(attempt['model'])].filter((part) => part !== null).join('/');
      const status = typeof attempt['status'] === 'number' ? `${attempt['status']} ` : '';
      return [{ target, error: `${status}${text(attempt['error']) ?? ''}`.trim() }];
    }),
    cachedFrom: text(cached?.['log_id']),
    savedUsd: typeof saved === 'number' ? saved : null,
  };
}
