/** Which questions the logs page asks of the API, from what its address says. */
import type { Input } from '../../api/client.ts';
import { type LogSearch, rangeDates } from './log-range.ts';

export interface LogScope {
  file_id?: string[];
}
export type LogFilters = NonNullable<Input<'logs.list'>['query']>;
const sorts = ['at', '-at', 'latency', '-latency', 'cost', '-cost'] as const;
export type LogSort = (typeof sorts)[number];

export function sortOf(search: LogSearch): LogSort {
  return sorts.find((sort) => sort === search.sort) ?? '-at';
}

export function filtersOf(scope: LogScope, search: LogSearch, now: number): LogFilters {
  return { ...scope, ...(search.q === undefined ? {} : { filter: search.q }), ...rangeDates(search, now) };
}
