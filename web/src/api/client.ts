import type { BodyInput, Endpoint, EndpointName, Endpoints, Output, Params, QueryInput } from '@whetstone/contract';
import { routes } from 'virtual:whetstone-routes';
import { ApiError, readError } from './errors.ts';

type Named<N extends EndpointName> = Endpoints[N];
type ParamsOf<E extends Endpoint> = undefined extends E['params'] ? unknown : { params: Params<E> };
type QueryOf<E extends Endpoint> = undefined extends E['query'] ? unknown : { query?: Loose<QueryInput<E>> };
type BodyOf<E extends Endpoint> = undefined extends E['body'] ? unknown : { body: Loose<BodyInput<E>> };
/** An absent field and an undefined one are the same on the wire. */
type Loose<T> = T extends object ? { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : T[K] } : T;

/** What a call of an endpoint takes, taken from the endpoint table. */
export type Input<N extends EndpointName> = ParamsOf<Named<N>> &
  QueryOf<Named<N>> &
  BodyOf<Named<N>> & { signal?: AbortSignal | undefined };
export type Answer<N extends EndpointName> = Output<Named<N>>;

export type Arguments<N extends EndpointName> = Record<never, never> extends Input<N> ? [input?: Input<N>] : [input: Input<N>];
interface AnyInput {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal | undefined;
}
interface Init extends RequestInit {
  method: string;
  headers: Record<string, string>;
}

/** The workspace that the address bar names: the URL is the only place that holds it. */
export function currentWorkspace(): string | null {
  return /^\/w\/([^/]+)/.exec(window.location.pathname)?.[1] ?? null;
}

/** `?key=a&key=b`, in the form that the API reads: arrays repeat the key, null and undefined are left out. */
export function queryString(query: Record<string, unknown> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean') search.append(key, String(one));
    }
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** The URL of an endpoint below `/v5`, for links that the browser follows by itself. */
export function urlOf<N extends EndpointName>(name: N, ...[input]: Arguments<N>): string {
  return request(name, input).url;
}

/** The request that calls an endpoint by its name. */
export function request(name: EndpointName, input: AnyInput = {}): { url: string; init: Init } {
  const route = routes[name];
  if (route === undefined) throw new Error(`No endpoint is called ${name}.`);
  const [method = 'GET', template = ''] = route.split(' ');
  const path = template.replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(input.params?.[key] ?? ''));
  const headers: Record<string, string> = { accept: 'application/json' };
  const workspace = currentWorkspace();
  if (workspace !== null) headers['x-whetstone-workspace'] = workspace;
  if (input.body !== undefined) headers['content-type'] = 'application/json';
  const init: Init = { method, headers, credentials: 'same-origin' };
  if (input.body !== undefined) init.body = JSON.stringify(input.body);
  if (input.signal) init.signal = input.signal;
  return { url: `/v5${path}${queryString(input.query)}`, init };
}

/** Sends the request and returns the answer when it is a success; otherwise throws an `ApiError` that says why. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiError(0, 'The server cannot be reached. Check that Whetstone is running and try again.', { cause: error });
  }
  if (!response.ok) throw await readError(response);
  return response;
}

/** Calls an endpoint by its name in the endpoint table. */
export async function call<N extends EndpointName>(name: N, ...[input]: Arguments<N>): Promise<Answer<N>> {
  const { url, init } = request(name, input);
  const response = await send(url, init);
  if (response.status === 204) return undefined as Answer<N>;
  const json = response.headers.get('content-type')?.includes('json') === true;
  return (await (json ? response.json() : response.text())) as Answer<N>;
}

/** The open response of an endpoint that streams; read it with `events`. */
export async function open<N extends EndpointName>(name: N, ...[input]: Arguments<N>): Promise<Response> {
  const { url, init } = request(name, input);
  return send(url, init);
}
