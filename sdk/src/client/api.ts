import { type EventStream, eventStream } from './events.ts';
import type { Operations } from './operations.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';
import type { SendOptions, Transport } from './transport.ts';

export type OperationName = keyof Operations;
export type Input<N extends OperationName> = Operations[N]['input'];
export type Output<N extends OperationName> = Operations[N]['output'];

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;
type GroupOf<N> = N extends `${infer Group}.${string}` ? Group : never;
type Arguments<N extends OperationName> =
  Record<never, never> extends Input<N> ? [input?: Input<N>, options?: SendOptions] : [input: Input<N>, options?: SendOptions];
type Method<N extends OperationName> = Operations[N]['streams'] extends true
  ? {
      (input: Input<N> & { stream: true }, options?: SendOptions): Promise<EventStream>;
      (...given: Arguments<N>): Promise<Output<N>>;
    }
  : (...given: Arguments<N>) => Promise<Output<N>>;

/** One group a tag, one method an operation: `prompts.list_versions` of the table is `api.prompts.listVersions`. */
export type Api = {
  [Group in GroupOf<OperationName> as Camel<Group>]: {
    [N in Extract<OperationName, `${Group}.${string}`> as N extends `${Group}.${infer Verb}` ? Camel<Verb> : never]: Method<N>;
  };
};

type Fields = Record<string, unknown>;

const camel = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

export function createApi(transport: Transport): Api {
  const api: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(routes)) {
    const [group = '', verb = ''] = name.split('.');
    (api[camel(group)] ??= {})[camel(verb)] = (input?: Fields, options?: SendOptions) => callRoute(transport, route, input ?? {}, options);
  }
  return api as unknown as Api;
}

/** Sends one operation: its fields are dealt out to path, query and body as the table says. */
async function callRoute(transport: Transport, route: Route, input: Fields, options?: SendOptions): Promise<unknown> {
  const { path, body } = requestOf(route, input);
  const response = await transport.send(route.method, `/v5${path}`, body, options);
  if (response.status === 204) return undefined;
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('event-stream')) return eventStream(response);
  return type.includes('json') ? response.json() : response.text();
}

export function requestOf(route: Route, input: Fields): { path: string; body: unknown } {
  const rest = new Map(Object.entries(input));
  const take = (key: string): unknown => {
    const value = rest.get(key);
    if (!route.both.includes(key)) rest.delete(key);
    return value;
  };
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
    const value = take(key);
    if (typeof value !== 'string' || value === '') throw new TypeError(`\`${key}\` is needed for ${route.method} ${route.path}.`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const key of route.query) {
    const value = take(key);
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined) search.append(key, String(one));
    }
  }
  const query = search.size === 0 ? '' : `?${search.toString()}`;
  if (route.body === 'none') return { path: path + query, body: undefined };
  return { path: path + query, body: route.body === 'whole' ? input['body'] : Object.fromEntries(rest) };
}
