import type { Body, EndpointName, Endpoints, Output, Params, Query, Scope } from '@whetstone/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../../people/index.ts';

/** One parsed, authorised request. `scope` is there unless the endpoint is public or needs only a session. */
export interface Call<N extends EndpointName> {
  params: Params<Endpoints[N]>;
  query: Query<Endpoints[N]>;
  body: Body<Endpoints[N]>;
  scope: Scope;
  session: Session | null;
  request: FastifyRequest;
  reply: FastifyReply;
  /** Aborted when the caller goes away. */
  signal: AbortSignal;
  /** Aborted when the server stops: whoever answers without an end ends then. */
  stopping: AbortSignal;
}

/** A streaming endpoint writes its own answer and resolves when it has. */
export type Handler<N extends EndpointName> = (
  call: Call<N>,
) => Promise<Endpoints[N] extends { stream: true } ? unknown : Output<Endpoints[N]>>;
export type Handlers<N extends EndpointName = EndpointName> = { [K in N]: Handler<K> };

type Starting<Prefix extends string> = Extract<EndpointName, `${Prefix}.${string}`>;
/** The handlers of all endpoints whose name starts with one of the prefixes. */
export type HandlersOf<Prefix extends string> = Handlers<Starting<Prefix>>;
