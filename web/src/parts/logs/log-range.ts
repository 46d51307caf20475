/** The time that the logs page looks at: a preset that moves with the clock, or two fixed ends. */

export const ranges = [
  { value: '1h', label: 'Last hour', ms: 3_600_000 },
  { value: '24h', label: 'Last 24 hours', ms: 86_400_000 },
  { value: '7d', label: 'Last 7 days', ms: 7 * 86_400_000 },
  { value: '14d', label: 'Last 14 days', ms: 14 * 86_400_000 },
  { value: '30d', label: 'Last 30 days', ms: 30 * 86_400_000 },
  { value: 'all', label: 'All time', ms: null },
] as const;
export type Range = (typeof ranges)[number]['value'];
export const defaultRange: Range = '14d';

export interface LogSearch {
  q?: string | undefined;
  range?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  peek?: string | undefined;
  sort?: string | undefined;
}

/** The dates to ask the API for. `now` is rounded down to the minute, so that one page asks one question. */
export function rangeDates(search: LogSearch, now: number): { start_date?: string; end_date?: string } {
  if (search.from !== undefined || search.to !== undefined) {
    return {
      ...(search.from === undefined ? {} : { start_date: search.from }),
      ...(search.to === undefined ? {} : { end_date: search.to }),
    };
  }
  const ms = ranges.find((range) => range.value === (search.range ?? defaultRange))?.ms ?? null;
  return ms === null ? {} : { start_date: new Date(Math.floor(now / 60_000) * 60_000 - ms).toISOString() };
}
