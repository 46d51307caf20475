import type { z } from 'zod';
import type { Permission } from './scope.ts';

/** One operation of the API, described once: validation, OpenAPI, typed clients and documents come from it. */
export interface Endpoint {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base path, with `{name}` placeholders. */
  path: string;
  permission: Permission;
  summary: string;
  /** Heading in the documents. */
  tag: string;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** `null`: an empty answer (204). */
  output: z.ZodType | null;
  /** Success status; 200 when there is an output, else 204. */
  status?: number;
  /** The handler writes the answer itself: server-sent events, CSV, JSONL, plain text. */
  stream?: boolean;
  /** Body limit and text rules do not apply: the handler reads raw bytes. */
  raw?: boolean;
}

export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;
type Given<T> = T extends z.ZodType ? z.input<T> : undefined;

export type Params<E extends Endpoint> = Parsed<E['params']>;
export type Query<E extends Endpoint> = Parsed<E['query']>;
export type Body<E extends Endpoint> = Parsed<E['body']>;
export type QueryInput<E extends Endpoint> = Given<E['query']>;
export type BodyInput<E extends Endpoint> = Given<E['body']>;
export type Output<E extends Endpoint> = E['output'] extends z.ZodType ? z.output<E['output']> : void;
