import type { EndpointName } from '@whetstone/contract';
import { queryOptions } from '@tanstack/react-query';
import { type Answer, type Arguments, call, currentWorkspace } from './client.ts';

/** Options for `useQuery` of an endpoint that reads. The key is workspace, endpoint and input, so one prefix drops all of an endpoint. */
export function query<N extends EndpointName>(name: N, ...[input]: Arguments<N>) {
  return queryOptions<Answer<N>>({
    queryKey: queryKey(name, input),
    queryFn: ({ signal }) => call(name, ...([{ ...(input as object), signal }] as unknown as Arguments<N>)),
  });
}

export function queryKey(name: EndpointName, input?: unknown): readonly unknown[] {
  const key = [currentWorkspace(), name];
  return input === undefined ? key : [...key, input];
}
