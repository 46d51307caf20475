import { type EndpointName, type Endpoints, endpoints, type Endpoint, type Output, type Permission, type Scope } from '@whetstone/contract';
import { canonicalJson } from '@whetstone/domain';
import { z } from 'zod';
import { invalidInput } from '../errors.ts';
import type { HttpDeps } from '../index.ts';
import type { Handlers } from '../v5/call.ts';

/** What a tool works with: on whose behalf, the rooms, and the operations of the API. */
export interface ToolContext {
  scope: Scope;
  rooms: HttpDeps;
  /** Runs an operation as `/v5` does, its input checked by the endpoint table. */
  operation: <N extends EndpointName>(name: N, input: Record<string, unknown>) => Promise<Output<Endpoints[N]>>;
}

/** One tool of the server. Its permission is that of the operation behind it; a key without it does not see the tool. */
export interface McpTool {
  name: string;
  title: string;
  description: string;
  permission: Permission;
  /** It changes the workspace: it adds a version, and nothing else here does. */
  writes?: boolean;
  input: z.ZodObject;
  run(context: ToolContext, input: Record<string, unknown>): Promise<unknown>;
}

export function tool<S extends z.ZodRawShape>(
  definition: Omit<McpTool, 'input' | 'run'> & {
    input: z.ZodObject<S>;
    run(context: ToolContext, input: z.output<z.ZodObject<S>>): Promise<unknown>;
  },
): McpTool {
  return definition;
}

/** A tool that is an operation of the endpoint table: its input, permission and summary are the operation's. */
export function operationTool<N extends EndpointName>(
  name: string,
  title: string,
  operation: N,
  options: { leaveOut?: readonly string[]; more?: string; show?: (output: Output<Endpoints[N]>) => unknown } = {},
): McpTool {
  const endpoint: Endpoint = endpoints[operation];
  const left = new Set(options.leaveOut);
  const shape = Object.entries({ ...shapeOf(endpoint.params), ...shapeOf(endpoint.query), ...shapeOf(endpoint.body) }).filter(
    ([key]) => !left.has(key),
  );
  return {
    name,
    title,
    description: `${endpoint.summary}.${options.more === undefined ? '' : ` ${options.more}`}`,
    permission: endpoint.permission,
    input: z.object(Object.fromEntries(shape)),
    async run(context, input) {
      const output = await context.operation(operation, input);
      return options.show === undefined ? output : options.show(output);
    },
  };
}

function shapeOf(schema: z.ZodType | undefined): z.ZodRawShape {
  return schema instanceof z.ZodObject ? schema.shape : {};
}

/** Runs operations of the table for a scope, without a request: only those whose handlers write no answer of their own. */
export function operations(handlers: Handlers, scope: Scope, signal: AbortSignal): ToolContext['operation'] {
  return (name, input) => {
    const endpoint: Endpoint = endpoints[name];
    const part = (schema: z.ZodType | undefined): unknown => {
      if (schema === undefined) return undefined;
      const result = schema.safeParse(input, { reportInput: true });
      if (!result.success) throw invalidInput(result.error, 'body');
      return result.data;
    };
    const call = {
      params: part(endpoint.params),
      query: part(endpoint.query),
      body: part(endpoint.body),
      scope,
      session: null,
      signal,
      stopping: signal,
    };
    return (handlers[name] as (call: unknown) => Promise<never>)(call);
  };
}

/** The input of a tool in its one text form, checked. */
export function parseInput(definition: McpTool, given: unknown): Record<string, unknown> {
  const result = definition.input.safeParse(canonicalJson(given ?? {}).value, { reportInput: true });
  if (!result.success) throw invalidInput(result.error, 'body');
  return result.data;
}
