import type { AnyObject } from '@whetstone/contract';
import aws4 from 'aws4';
import { asList, asObject, asText } from '../wire/read.ts';
import { turnsOf } from './blocks.ts';
import { jsonTool } from './anthropic-answer.ts';
import { eventStreamFraming } from './aws-event-stream.ts';
import { BedrockStream, decodeConverse, decodeEmbeddings } from './bedrock-answer.ts';
import { argumentsOf, choiceOf, partsOf, schemaOf, stopsOf, thinkingBudget, toolsOf } from './content.ts';
import type { Dialect, ProviderCall, ProviderSettings, RequestToSign } from './dialect.ts';
import { readCommonError } from './errors.ts';
import { textsOf } from './vectors.ts';

/** Amazon Bedrock's runtime: Converse for chat with every model, InvokeModel for embeddings, whose shape is the model's. */
export const bedrockDialect: Dialect = {
  id: 'bedrock',
  kinds: ['chat', 'embeddings'],
  version: null,
  severalSamples: false,
  encode: (call) => ({
    path: `/model/${encodeURIComponent(call.model)}/${verbOf(call)}`,
    headers: {
      'content-type': 'application/json',
      accept: call.stream ? eventStreamFraming.type : 'application/json',
    },
    body: JSON.stringify(call.kind === 'embeddings' ? encodeEmbeddings(call) : encodeConverse(call)),
  }),
  authorise,
  decode: (kind, body, context) => (kind === 'embeddings' ? decodeEmbeddings(body, context) : decodeConverse(body, context)),
  streaming: (context) => new BedrockStream(context),
  framing: eventStreamFraming,
  readError: readCommonError,
  listModels: {
    base: (base) => base.replace('//bedrock-runtime.', '//bedrock.'),
    path: '/foundation-models',
    read: (body) => asList(asObject(body)?.['modelSummaries']).flatMap((row) => asText(asObject(row)?.['modelId']) ?? []),
  },
};

export function bedrockBase(settings: ProviderSettings, baseUrl: string | null): string | null {
  const { region } = settings;
  if (baseUrl !== null || region === undefined) return baseUrl;
  return `https://bedrock-runtime.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** An API key of Bedrock as it is; a secret access key signs (Signature Version 4). */
function authorise(secret: string, { method, url, body, settings, sessionToken, at }: RequestToSign): Record<string, string> {
  const { access_key_id: accessKeyId, region = 'us-east-1' } = settings;
  if (accessKeyId === undefined) return secret === '' ? {} : { authorization: `Bearer ${secret}` };
  const { headers } = aws4.sign(
    {
      service: 'bedrock',
      region,
      method,
      host: url.host,
      path: url.pathname + url.search,
      headers: { 'content-type': 'application/json', 'X-Amz-Date': at.toISOString().replaceAll(/[:-]|\.\d{3}/g, '') },
      body,
    },
    { accessKeyId, secretAccessKey: secret, ...(sessionToken === null ? {} : { sessionToken }) },
  );
  const signed: Record<string, string> = {};
  for (const name of ['Authorization', 'X-Amz-Date', 'X-Amz-Security-Token', 'content-type']) {
    const value = headers?.[name];
    if (typeof value === 'string') signed[name.toLowerCase()] = value;
  }
  return signed;
}

function verbOf({ kind, stream }: ProviderCall): string {
  if (kind === 'embeddings') return 'invoke';
  return stream ? 'converse-stream' : 'converse';
}

function encodeConverse({ body }: ProviderCall): AnyObject {
  const schema = schemaOf(body);
  const { system, messages } = turnsOf(asList(body['messages']), { content: blocks, assistant: assistantBlocks, toolResult });
  if (schema !== null && Object.keys(schema).length === 0) system.push('Answer with one JSON object and nothing else.');
  const encoded: AnyObject = { messages };
  if (system.length > 0) encoded['system'] = system.map((text) => ({ text }));
  const further: AnyObject = {};
  const thinking = thinkingOf(body);
  const config = inferenceConfig(body, thinking);
  if (thinking !== null) further['thinking'] = thinking;
  else if (typeof body['top_k'] === 'number') further['top_k'] = body['top_k'];
  if (Object.keys(config).length > 0) encoded['inferenceConfig'] = config;
  if (Object.keys(further).length > 0) encoded['additionalModelRequestFields'] = further;
  const talksOfTools = messages.some(({ content }) =>
    content.some((block) => block['toolUse'] !== undefined || block['toolResult'] !== undefined),
  );
  addTools(encoded, body, { schema, thinks: thinking !== null, talksOfTools });
  return encoded;
}

function thinkingOf(body: AnyObject): AnyObject | null {
  const given = asObject(body['thinking']);
  if (given !== null) return given['type'] === 'disabled' ? null : given;
  const budget = thinkingBudget(body['reasoning_effort']);
  return budget === null || budget === 0 ? null : { type: 'enabled', budget_tokens: Math.max(1024, budget) };
}

function inferenceConfig(body: AnyObject, thinking: AnyObject | null): AnyObject {
  const config: AnyObject = {};
  const most = body['max_completion_tokens'] ?? body['max_tokens'];
  const budget = Number(thinking?.['budget_tokens'] ?? 0);
  if (typeof most === 'number') config['maxTokens'] = most > budget ? most : budget + most;
  else if (budget > 0) config['maxTokens'] = budget + 4096;
  // Sampling cannot be set beside thinking.
  if (thinking === null && typeof body['temperature'] === 'number') config['temperature'] = body['temperature'];
  if (thinking === null && typeof body['top_p'] === 'number') config['topP'] = body['top_p'];
  const stops = stopsOf(body);
  if (stops.length > 0) config['stopSequences'] = stops;
  return config;
}

function addTools(
  encoded: AnyObject,
  body: AnyObject,
  { schema, thinks, talksOfTools }: { schema: AnyObject | null; thinks: boolean; talksOfTools: boolean },
): void {
  const choice = choiceOf(body);
  const structured = schema !== null && Object.keys(schema).length > 0;
  // There is no way to forbid tools but to leave them out, which a conversation about their use does not allow.
  const given = choice?.type === 'none' && !talksOfTools ? [] : toolsOf(body);
  const tools = given.map(({ name, description, parameters }) => spec(name, description, parameters));
  if (structured) tools.push(spec(jsonTool, 'Give the answer in this form.', schema));
  if (tools.length === 0) return;
  const config: AnyObject = { tools };
  encoded['toolConfig'] = config;
  // Beside thinking no tool may be forced.
  if (structured && !thinks) config['toolChoice'] = tools.length === 1 ? { tool: { name: jsonTool } } : { any: {} };
  else if (choice?.type === 'tool') config['toolChoice'] = { tool: { name: choice.name } };
  else if (choice?.type === 'required') config['toolChoice'] = { any: {} };
  else if (choice?.type === 'auto') config['toolChoice'] = { auto: {} };
}

function spec(name: string, description: string | null, parameters: AnyObject): AnyObject {
  return { toolSpec: { name, ...(description === null ? {} : { description }), inputSchema: { json: parameters } } };
}

function toolResult(message: AnyObject): AnyObject {
  const content = blocks(message['content']);
  return { toolResult: { toolUseId: asText(message['tool_call_id']) ?? '', content: content.length > 0 ? content : [{ text: '' }] } };
}

function assistantBlocks(message: AnyObject): AnyObject[] {
  const thinking = asList(message['thinking']).flatMap((value): AnyObject[] => {
    const block = asObject(value);
    if (block?.['type'] === 'redacted_thinking') return [{ reasoningContent: { redactedContent: block['data'] } }];
    const signature = asText(block?.['signature']);
    // Thinking without its signature is refused.
    return signature ? [{ reasoningContent: { reasoningText: { text: asText(block?.['thinking']) ?? '', signature } } }] : [];
  });
  const calls = asList(message['tool_calls']).map((value) => {
    const call = asObject(value);
    const named = asObject(call?.['function']);
    return {
      toolUse: { toolUseId: asText(call?.['id']) ?? '', name: asText(named?.['name']) ?? '', input: argumentsOf(named?.['arguments']) },
    };
  });
  return [...thinking, ...blocks(message['content']), ...calls];
}

const formats: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};

function blocks(content: unknown): AnyObject[] {
  return partsOf(content).flatMap((part): AnyObject[] => {
    if (part.type === 'text') return part.text === '' ? [] : [{ text: part.text }];
    if (part.type === 'imageUrl') throw new Error('Bedrock takes images inline, as data URLs; it fetches none.');
    const format = formats[part.mediaType];
    if (format === undefined) throw new Error(`Bedrock takes images of PNG, JPEG, GIF and WebP, not \`${part.mediaType}\`.`);
    return [{ image: { format, source: { bytes: part.data } } }];
  });
}

function encodeEmbeddings({ body, model }: ProviderCall): AnyObject {
  const texts = textsOf(body, 'Bedrock');
  const dimensions = typeof body['dimensions'] === 'number' ? body['dimensions'] : null;
  if (/(?:^|\.)cohere\.embed/.test(model)) {
    return {
      texts,
      input_type: asText(body['input_type']) ?? 'search_document',
      embedding_types: ['float'],
      ...(dimensions === null ? {} : { output_dimension: dimensions }),
    };
  }
  const [inputText] = texts;
  if (texts.length !== 1) throw new Error('This model embeds one text a call.');
  return { inputText, ...(dimensions === null ? {} : { dimensions }) };
}
