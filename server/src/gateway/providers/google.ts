import type { AnyObject } from '@whetstone/contract';
import { asList, asObject, asText } from '../wire/read.ts';
import { argumentsOf, choiceOf, partsOf, plainText, schemaOf, stopsOf, thinkingBudget, toolsOf } from './content.ts';
import type { Dialect, ProviderCall } from './dialect.ts';
import { readCommonError } from './errors.ts';
import { decodeContent, decodeEmbeddings, GoogleStream } from './google-answer.ts';
import { textsOf } from './vectors.ts';

/** Gemini's API, version v1beta. */
export const googleDialect: Dialect = {
  id: 'google',
  kinds: ['chat', 'embeddings'],
  version: 'v1beta',
  severalSamples: false,
  encode: (call) => ({
    path: `/models/${encodeURIComponent(call.model.replace(/^models\//, ''))}:${verbOf(call)}`,
    headers: { 'content-type': 'application/json', accept: call.stream ? 'text/event-stream' : 'application/json' },
    body: JSON.stringify(call.kind === 'embeddings' ? encodeEmbeddings(call) : encodeContent(call)),
  }),
  authorise: (secret): Record<string, string> => (secret === '' ? {} : { 'x-goog-api-key': secret }),
  decode: (kind, body, context) => (kind === 'embeddings' ? decodeEmbeddings(body, context) : decodeContent(body, context)),
  streaming: (context) => new GoogleStream(context),
  readError: readCommonError,
  listModels: {
    path: '/models?pageSize=1000',
    read: (body) => asList(asObject(body)?.['models']).flatMap((row) => asText(asObject(row)?.['name'])?.replace(/^models\//, '') ?? []),
  },
};

function verbOf({ kind, stream }: ProviderCall): string {
  if (kind === 'embeddings') return 'batchEmbedContents';
  return stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
}

function encodeContent({ body }: ProviderCall): AnyObject {
  const { system, contents } = encodeMessages(asList(body['messages']));
  const encoded: AnyObject = { contents };
  if (system.length > 0) encoded['systemInstruction'] = { parts: system.map((text) => ({ text })) };
  const config = generationConfig(body);
  if (Object.keys(config).length > 0) encoded['generationConfig'] = config;
  const tools = toolsOf(body);
  if (tools.length > 0) {
    encoded['tools'] = [
      {
        functionDeclarations: tools.map((tool) => ({
          name: tool.name,
          ...(tool.description === null ? {} : { description: tool.description }),
          parametersJsonSchema: tool.parameters,
        })),
      },
    ];
    const choice = choiceOf(body);
    const modes = { auto: 'AUTO', none: 'NONE', required: 'ANY', tool: 'ANY' } as const;
    if (choice !== null) {
      const only = choice.type === 'tool' ? { allowedFunctionNames: [choice.name] } : {};
      encoded['toolConfig'] = { functionCallingConfig: { mode: modes[choice.type], ...only } };
    }
  }
  return encoded;
}

const renamed = {
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  seed: 'seed',
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
} as const;

function generationConfig(body: AnyObject): AnyObject {
  const config: AnyObject = {};
  for (const [ours, theirs] of Object.entries(renamed)) if (typeof body[ours] === 'number') config[theirs] = body[ours];
  const most = body['max_completion_tokens'] ?? body['max_tokens'];
  if (typeof most === 'number') config['maxOutputTokens'] = most;
  const stops = stopsOf(body);
  if (stops.length > 0) config['stopSequences'] = stops;
  const schema = schemaOf(body);
  if (schema !== null) {
    config['responseMimeType'] = 'application/json';
    if (Object.keys(schema).length > 0) config['responseJsonSchema'] = schema;
  }
  if (body['logprobs'] === true) config['responseLogprobs'] = true;
  if (typeof body['top_logprobs'] === 'number') config['logprobs'] = body['top_logprobs'];
  const budget = thinkingBudget(body['reasoning_effort']);
  if (budget !== null) config['thinkingConfig'] = { thinkingBudget: budget, ...(budget > 0 ? { includeThoughts: true } : {}) };
  return config;
}

function encodeMessages(list: readonly unknown[]): { system: string[]; contents: { role: string; parts: AnyObject[] }[] } {
  const system: string[] = [];
  const contents: { role: string; parts: AnyObject[] }[] = [];
  // A tool's answer names the function, which only the call knows.
  const names = new Map<string, string>();
  for (const value of list) {
    const message = asObject(value) ?? {};
    const role = asText(message['role']);
    if (role === 'system' || role === 'developer') {
      const text = plainText(message['content']);
      if (text !== '') system.push(text);
      continue;
    }
    const wanted = role === 'assistant' ? 'model' : 'user';
    const parts =
      role === 'tool' ? [functionResponse(message, names)] : [...contentParts(message['content']), ...functionCalls(message, names)];
    if (parts.length === 0) continue;
    const last = contents.at(-1);
    if (last?.role === wanted) last.parts.push(...parts);
    else contents.push({ role: wanted, parts });
  }
  return { system, contents };
}

function contentParts(content: unknown): AnyObject[] {
  return partsOf(content).map((part): AnyObject => {
    if (part.type === 'text') return { text: part.text };
    if (part.type === 'image') return { inlineData: { mimeType: part.mediaType, data: part.data } };
    return { fileData: { mimeType: imageType(part.url), fileUri: part.url } };
  });
}

function imageType(url: string): string {
  const ending = /\.(png|jpe?g|webp|gif|heic)(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? 'jpeg';
  return `image/${ending === 'jpg' ? 'jpeg' : ending}`;
}

function functionCalls(message: AnyObject, names: Map<string, string>): AnyObject[] {
  return asList(message['tool_calls']).map((value) => {
    const call = asObject(value);
    const named = asObject(call?.['function']);
    const name = asText(named?.['name']) ?? '';
    names.set(asText(call?.['id']) ?? '', name);
    const signature = asText(asObject(asObject(call?.['extra_content'])?.['google'])?.['thought_signature']);
    return {
      functionCall: { name, args: argumentsOf(named?.['arguments']) },
      ...(signature === null ? {} : { thoughtSignature: signature }),
    };
  });
}

function functionResponse(message: AnyObject, names: Map<string, string>): AnyObject {
  const name = names.get(asText(message['tool_call_id']) ?? '') ?? asText(message['name']) ?? 'tool';
  const text = plainText(message['content']);
  const object = argumentsOf(text);
  return { functionResponse: { name, response: Object.keys(object).length > 0 ? object : { output: text } } };
}

function encodeEmbeddings({ body, model }: ProviderCall): AnyObject {
  const size = typeof body['dimensions'] === 'number' ? { outputDimensionality: body['dimensions'] } : {};
  return {
    requests: textsOf(body, 'Gemini').map((text) => ({
      model: `models/${model.replace(/^models\//, '')}`,
      content: { parts: [{ text }] },
      ...size,
    })),
  };
}
