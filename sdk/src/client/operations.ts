import type { Endpoint, EndpointName, Endpoints } from '@whetstone/contract';
import type { z } from 'zod';

/**
 * What each operation takes and gives, from the endpoint table. In the package these are plain interfaces, written from
 * the same table while packing (build/declarations.ts).
 */
export type Operations = {
  [N in EndpointName]: { input: InputOf<Endpoints[N]>; output: OutputOf<Endpoints[N]>; streams: StreamsOf<Endpoints[N]> };
};

export type { ChatMessage, PromptKernel, PromptResponse, ToolFunction, ToolKernel } from '@whetstone/contract';

type Given<T> = T extends z.ZodType ? Loose<z.input<T>> : unknown;
/** Fields of a body stand beside those of path and query; a body that is no object of known fields is `body`. */
type BodyOf<E extends Endpoint> = E['body'] extends z.ZodObject
  ? Given<E['body']>
  : E['body'] extends z.ZodType
    ? { body: z.input<E['body']> }
    : unknown;
type InputOf<E extends Endpoint> = Given<E['params']> & Given<E['query']> & BodyOf<E>;
type OutputOf<E extends Endpoint> = E['output'] extends z.ZodType ? z.output<E['output']> : void;
/** Whether `stream: true` makes it answer in events. */
type StreamsOf<E extends Endpoint> = E extends { stream: true; body: z.ZodType }
  ? 'stream' extends keyof z.input<E['body']>
    ? true
    : false
  : false;
/** An absent field and an undefined one are the same on the wire. */
type Loose<T> = T extends object ? { [K in keyof T]: undefined extends T[K] ? T[K] | undefined : T[K] } : T;
