import { useQuery } from '@tanstack/react-query';
import type { Answer } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import type { LogFilters } from './filters.ts';

export type Facets = Answer<'logs.facets'>['facets'];

/** The values that occur in the logs shown, most frequent first. What is shown stays until the new ones are there. */
export function useFacets(filters: LogFilters): Facets {
  const { data } = useQuery({ ...query('logs.facets', { query: filters }), placeholderData: (before) => before, staleTime: 30_000 });
  return data?.facets ?? {};
}
