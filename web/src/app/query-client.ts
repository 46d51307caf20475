import { QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/errors.ts';

/** A session that has ended leads to the sign-in page, and from there back to here. */
function onError(error: Error): void {
  if (!(error instanceof ApiError) || error.status !== 401 || !window.location.pathname.startsWith('/w/')) return;
  const next = window.location.pathname + window.location.search;
  window.location.assign(`/sign-in?next=${encodeURIComponent(JSON.stringify(next))}`);
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});
