import type { Permission } from './scope.ts';

/** Who defined the shape of a gateway path; their documents describe its fields. */
export type GatewayShape = 'openai' | 'anthropic';

/** One path of the gateway. Bodies and answers are the vendors': what is told here is what Whetstone demands and adds. */
export interface GatewayOperation {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  permission: Permission;
  shape: GatewayShape;
  summary: string;
  /** Fields of the body that must be there, with their JSON types. */
  body?: Record<string, readonly ('string' | 'array' | 'object' | 'integer')[]>;
  /** `stream: true` in the body makes the answer an event stream. */
  streams?: boolean;
  /** Makes a log, whose id the answer carries. */
  logged?: boolean;
}

export const gatewayOperations = {
  'gateway.chat': {
    method: 'POST',
    path: '/v1/chat/completions',
    permission: 'call',
    shape: 'openai',
    summary: 'Chat: streams, tools, images, structured output, several samples, log-probabilities',
    body: { model: ['string'], messages: ['array'] },
    streams: true,
    logged: true,
  },
  'gateway.respond': {
    method: 'POST',
    path: '/v1/responses',
    permission: 'call',
    shape: 'openai',
    summary: 'Responses: typed events, tools, images, structured output, reasoning, `previous_response_id`',
    body: { model: ['string'], input: ['string', 'array'] },
    streams: true,
    logged: true,
  },
  'gateway.response': {
    method: 'GET',
    path: '/v1/responses/{id}',
    permission: 'call',
    shape: 'openai',
    summary: 'A stored response',
  },
  'gateway.response_input': {
    method: 'GET',
    path: '/v1/responses/{id}/input_items',
    permission: 'call',
    shape: 'openai',
    summary: 'What a stored response answered',
  },
  'gateway.delete_response': {
    method: 'DELETE',
    path: '/v1/responses/{id}',
    permission: 'call',
    shape: 'openai',
    summary: 'Forget a stored response; its log stays',
  },
  'gateway.cancel_response': {
    method: 'POST',
    path: '/v1/responses/{id}/cancel',
    permission: 'call',
    shape: 'openai',
    summary: 'Refused: no response runs in the background',
  },
  'gateway.message': {
    method: 'POST',
    path: '/v1/messages',
    permission: 'call',
    shape: 'anthropic',
    summary: 'Messages: streams, tools, images, thinking',
    body: { model: ['string'], messages: ['array'], max_tokens: ['integer'] },
    streams: true,
    logged: true,
  },
  'gateway.count_tokens': {
    method: 'POST',
    path: '/v1/messages/count_tokens',
    permission: 'call',
    shape: 'anthropic',
    summary: 'The tokens of a message, counted by Anthropic, estimated for others',
    body: { model: ['string'], messages: ['array'] },
  },
  'gateway.embed': {
    method: 'POST',
    path: '/v1/embeddings',
    permission: 'call',
    shape: 'openai',
    summary: 'Embeddings',
    body: { model: ['string'], input: ['string', 'array'] },
    logged: true,
  },
  'gateway.models': { method: 'GET', path: '/v1/models', permission: 'fetch', shape: 'openai', summary: 'The models that can be named' },
  'gateway.model': { method: 'GET', path: '/v1/models/{id}', permission: 'fetch', shape: 'openai', summary: 'One model' },
} as const satisfies Record<string, GatewayOperation>;

/** Headers that a call may bring, and what they mean. */
export const gatewayHeaders = {
  'x-whetstone-file': 'Path of the prompt to log to, for a call that names a model',
  'x-whetstone-environment': 'Environment to resolve a prompt in and to log under',
  'x-whetstone-session': 'What belongs together, such as a conversation',
  'x-whetstone-unit': 'What an experiment randomises by; default the end user of the body',
  'x-whetstone-trace-parent': 'Id of the log that this call is part of',
  'x-whetstone-reference': 'Your own id of the call',
  'x-whetstone-cache': 'Seconds for which an equal request may be answered from the cache, `refresh` or `off`',
} as const;
