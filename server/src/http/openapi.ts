import { type Endpoint, endpoints, errorStatus } from '@whetstone/contract';
import { z } from 'zod';
import { gatewayPaths, gatewaySchemas } from './openapi-gateway.ts';

type Json = Record<string, unknown>;

/** OpenAPI 3.1 from the endpoint table: the schemas that validate are the ones that are documented. */
export function openApiDocument(version: string): Json {
  const components: Json = { ValidationError: validationError, Error: errorBody, ...gatewaySchemas };
  const paths: Record<string, Json> = gatewayPaths();
  for (const [name, endpoint] of Object.entries(endpoints) as [string, Endpoint][]) {
    const path = `/v5${endpoint.path}`;
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(name, endpoint, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Whetstone',
      version,
      description:
        'The native API of Whetstone below `/v5`: the Humanloop v5 wire contract, with resources of our own in the same style. Below `/v1` the gateway, in the shapes of OpenAI and Anthropic.',
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }, { bearer: [] }],
    paths,
    components: {
      schemas: components,
      securitySchemes: { apiKey: { type: 'apiKey', in: 'header', name: 'X-API-KEY' }, bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

const validationError = {
  type: 'object',
  properties: {
    detail: {
      type: 'array',
      items: { type: 'object', properties: { loc: { type: 'array', items: {} }, msg: { type: 'string' }, type: { type: 'string' } } },
    },
  },
};
const errorBody = { type: 'object', properties: { detail: { description: 'Text, or an object with `msg`' } } };

function operation(name: string, endpoint: Endpoint, components: Json): Json {
  const status = String(endpoint.status ?? (endpoint.output === null ? 204 : 200));
  const answer =
    endpoint.output === null ? {} : { content: { 'application/json': { schema: schema(endpoint.output, 'output', components) } } };
  return {
    operationId: name,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: `Needs the right to \`${endpoint.permission}\`.`,
    ...(endpoint.permission === 'public' ? { security: [] } : {}),
    parameters: [...parameters(endpoint.params, 'path', components), ...parameters(endpoint.query, 'query', components)],
    ...(endpoint.body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: schema(endpoint.body, 'input', components) } } } }),
    responses: {
      [status]: { description: 'Done', ...answer },
      [errorStatus.invalid_input]: {
        description: 'The input is not valid',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/ValidationError' } } },
      },
      default: { description: 'Refused', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
    },
  };
}

function parameters(given: z.ZodType | undefined, where: 'path' | 'query', components: Json): Json[] {
  if (given === undefined) return [];
  const object = schema(given, 'input', components) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(object.properties ?? {}).map(([name, value]) => ({
    name,
    in: where,
    required: where === 'path' || (object.required ?? []).includes(name),
    schema: value,
  }));
}

/** JSON Schema of a Zod schema; what it shares with others moves to the components. */
function schema(given: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const { $schema: _dialect, $defs, ...rest } = z.toJSONSchema(given, { target: 'draft-2020-12', io, unrepresentable: 'any' }) as Json;
  const suffix = io === 'input' ? 'Input' : '';
  for (const [id, definition] of Object.entries(($defs ?? {}) as Json)) components[`${id}${suffix}`] ??= relink(definition, suffix);
  const linked = relink(rest, suffix) as Json;
  if (typeof linked['id'] === 'string' && linked['type'] === 'object') delete linked['id'];
  return linked;
}

function relink(value: unknown, suffix: string): unknown {
  if (Array.isArray(value)) return value.map((item) => relink(item, suffix));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === '$ref' && typeof inner === 'string'
        ? [key, `${inner.replace('#/$defs/', '#/components/schemas/')}${suffix}`]
        : [key, relink(inner, suffix)],
    ),
  );
}
