import { gatewayHeaders, type GatewayOperation, gatewayOperations, type GatewayShape } from '@whetstone/contract';

type Json = Record<string, unknown>;

const vendors: Record<GatewayShape, { name: string; url: string }> = {
  openai: { name: 'OpenAI', url: 'https://platform.openai.com/docs/api-reference' },
  anthropic: { name: 'Anthropic', url: 'https://docs.anthropic.com/en/api' },
};

/** The gateway's paths for the OpenAPI document. The vendors describe the fields; unknown ones pass. */
export function gatewayPaths(): Record<string, Json> {
  const paths: Record<string, Json> = {};
  for (const [name, row] of Object.entries(gatewayOperations) as [string, GatewayOperation][]) {
    paths[row.path] = { ...paths[row.path], [row.method.toLowerCase()]: operation(name, row) };
  }
  return paths;
}

export const gatewaySchemas: Json = {
  OpenaiError: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['message', 'type', 'param', 'code'],
        properties: {
          message: { type: 'string' },
          type: { type: ['string', 'null'] },
          param: { type: ['string', 'null'] },
          code: { type: ['string', 'null'] },
        },
      },
    },
  },
  AnthropicError: {
    type: 'object',
    required: ['type', 'error'],
    properties: {
      type: { const: 'error' },
      error: {
        type: 'object',
        required: ['type', 'message'],
        properties: { type: { type: 'string' }, message: { type: 'string' } },
      },
      request_id: { type: ['string', 'null'] },
    },
  },
};

function operation(name: string, row: GatewayOperation): Json {
  const { name: vendor, url } = vendors[row.shape];
  const placeholders = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, id]) => ({
    name: id,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const headers = Object.entries(gatewayHeaders).map(([header, description]) => ({
    name: header,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));
  const error = { $ref: `#/components/schemas/${row.shape === 'anthropic' ? 'AnthropicError' : 'OpenaiError'}` };
  return {
    operationId: name,
    tags: ['Gateway'],
    summary: row.summary,
    description: `The shape is ${vendor}'s. Needs the right to \`${row.permission}\`.`,
    externalDocs: { url, description: `${vendor}'s API reference` },
    parameters: [...placeholders, ...(row.logged === true ? headers : [])],
    ...(row.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: bodySchema(row.body) } } } }),
    responses: {
      '200': {
        description: 'Done',
        ...(row.logged === true
          ? { headers: { 'x-whetstone-log-id': { description: 'Id of the log of this call', schema: { type: 'string' } } } }
          : {}),
        content: {
          'application/json': { schema: { type: 'object' } },
          ...(row.streams === true ? { 'text/event-stream': { schema: { type: 'string' } } } : {}),
        },
      },
      default: { description: 'Refused, or the error of the provider', content: { 'application/json': { schema: error } } },
    },
  };
}

function bodySchema(body: NonNullable<GatewayOperation['body']>): Json {
  const properties = Object.fromEntries(
    Object.entries(body).map(([name, types]) => [name, { type: types.length === 1 ? types[0] : types }]),
  );
  return { type: 'object', required: ['model'], properties, additionalProperties: true };
}
