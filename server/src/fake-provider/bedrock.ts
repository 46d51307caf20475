import { createHash, createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { fakeAnswer, pieces, type FakeAnswer, type FakeQuestion } from './answer.ts';
import type { Behaviour } from './behaviour.ts';
import { type Asking, type Shape, words } from './shape.ts';

/* Amazon Bedrock's runtime on the wire: Converse, ConverseStream in AWS's event stream, InvokeModel for embeddings, signed requests. */

type Body = Record<string, unknown>;
interface Block {
  text?: string;
  image?: unknown;
  toolUse?: unknown;
  toolResult?: unknown;
}

/** The one access key that the fake knows; any bearer token will do beside it. */
export const fakeAws = { accessKeyId: 'AKIAFAKEFAKEFAKE0001', secretAccessKey: 'fake/secret+access/key/of/forty/letters/' } as const;

const known = words(
  'messages system inferenceConfig toolConfig guardrailConfig additionalModelRequestFields promptVariables ' +
    'additionalModelResponseFieldPaths requestMetadata performanceConfig',
);

export const bedrockShape: Shape = {
  recognises: (path) => /\/model\/[^/]+\/(?:converse|converse-stream|invoke)$|\/foundation-models$/.test(path),
  model: (_body, path) => decodeURIComponent(/\/model\/([^/]+)/.exec(path)?.[1] ?? ''),
  streams: (path) => path.endsWith('/converse-stream'),
  refuse(path, body) {
    const extra = path.includes('/converse') ? Object.keys(body).find((name) => !known.has(name)) : undefined;
    return extra === undefined
      ? null
      : {
          status: 400,
          body: {
            message: `Malformed input request: #: extraneous key [${extra}] is not permitted, please reformat your input and try again.`,
          },
        };
  },
  whole(path, body, behaviour) {
    if (path.endsWith('/foundation-models'))
      return {
        modelSummaries: [
          { modelId: 'anthropic.claude-sonnet-4-5-20250929-v1:0', modelName: 'Claude Sonnet 4.5', providerName: 'Anthropic' },
        ],
      };
    return path.endsWith('/invoke') ? embed(path, body) : converse(body, behaviour);
  },
  events: (_path, body, behaviour) => events(body, behaviour).map(([name, event]) => frame({ ':event-type': name }, 'event', event)),
  streamType: 'application/vnd.amazon.eventstream',
  streamError: exceptionFrame('throttlingException', 'Too many requests, please wait before trying again.'),
  isEnd: (event) => event.includes('metadata') || event.includes('messageStop'),
  error(status, model) {
    const messages: Record<number, string> = {
      400: 'The provided model identifier is invalid.',
      401: 'The security token included in the request is invalid.',
      403: 'The security token included in the request is invalid.',
      404: `The model ${model} could not be found.`,
      429: 'Too many requests, please wait before trying again.',
    };
    return { message: messages[status] ?? 'The system encountered an unexpected error during processing. Try your request again.' };
  },
  authorised: (headers, _url, asking) => /^Bearer \S+$/.test(headers['authorization'] ?? '') || isSigned(headers, asking),
};

/** Signature Version 4, computed anew from what came (docs: "Create a signed AWS API request"). */
function isSigned(headers: Record<string, string | undefined>, { method, url, body }: Asking): boolean {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/bedrock\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers['authorization'] ?? '',
    );
  if (given === null || given[1] !== fakeAws.accessKeyId) return false;
  const [, , day = '', region = '', names = '', signature] = given;
  const at = headers['x-amz-date'] ?? '';
  if (!at.startsWith(day) || !names.split(';').includes('host')) return false;
  const path = url.pathname
    .split('/')
    .map((part) => encodeURIComponent(part).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`))
    .join('/');
  const lines = names.split(';').map((name) => `${name}:${(headers[name] ?? '').trim()}\n`);
  const request = [method, path, url.searchParams.toString(), lines.join(''), names, sha256(body)].join('\n');
  const scope = `${day}/${region}/bedrock/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', at, scope, sha256(request)].join('\n');
  const key = [day, region, 'bedrock', 'aws4_request'].reduce<Buffer>(
    (last, part) => hmac(last, part),
    Buffer.from(`AWS4${fakeAws.secretAccessKey}`),
  );
  return hmac(key, text).toString('hex') === signature;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** One frame: lengths, their checksum, headers of text, payload, checksum of it all. */
export function frame(named: Record<string, string>, kind: 'event' | 'exception', payload: unknown): Buffer {
  const all = { ...named, ':content-type': 'application/json', ':message-type': kind };
  const headers = Buffer.concat(
    Object.entries(all).map(([name, value]) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(Buffer.byteLength(value));
      return Buffer.concat([Buffer.from([Buffer.byteLength(name)]), Buffer.from(name), Buffer.from([7]), length, Buffer.from(value)]);
    }),
  );
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(12 + headers.length + body.length + 4, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const whole = Buffer.concat([prelude, headers, body]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(whole));
  return Buffer.concat([whole, sum]);
}

function exceptionFrame(type: string, message: string): Buffer {
  return frame({ ':exception-type': type }, 'exception', { message });
}

function question(body: Body): FakeQuestion {
  const messages = (body['messages'] ?? []) as { role: string; content: Block[] }[];
  const user = messages.filter(({ role, content }) => role === 'user' && content.some((block) => block.toolResult === undefined)).at(-1);
  const config = (body['toolConfig'] ?? {}) as {
    tools?: { toolSpec: { name: string; inputSchema: { json: unknown } } }[];
    toolChoice?: { any?: object; tool?: { name: string } };
  };
  const inference = (body['inferenceConfig'] ?? {}) as { maxTokens?: number };
  const further = (body['additionalModelRequestFields'] ?? {}) as { thinking?: { type?: string } };
  return {
    lastUser: (user?.content ?? []).map(({ text }) => text ?? '').join(''),
    images: (user?.content ?? []).filter(({ image }) => image !== undefined).length,
    tools: (config.tools ?? []).map(({ toolSpec }) => ({ name: toolSpec.name, parameters: toolSpec.inputSchema.json })),
    forced: config.toolChoice?.tool?.name ?? (config.toolChoice?.any === undefined ? null : 'any'),
    schema: null,
    json: false,
    maxTokens: inference.maxTokens ?? null,
    afterTool: (messages.at(-1)?.content ?? []).some(({ toolResult }) => toolResult !== undefined),
    thinks: further.thinking?.type === 'enabled',
    index: 0,
  };
}

function stopReason({ stop }: FakeAnswer): string {
  return stop === 'tool' ? 'tool_use' : stop === 'length' ? 'max_tokens' : 'end_turn';
}

function usageOf(answer: FakeAnswer): Body {
  const input = answer.promptTokens - answer.cachedTokens;
  return {
    inputTokens: input,
    outputTokens: answer.outputTokens,
    totalTokens: answer.promptTokens + answer.outputTokens,
    cacheReadInputTokens: answer.cachedTokens,
    cacheWriteInputTokens: 0,
  };
}

function converse(body: Body, behaviour: Behaviour): Body {
  const answer = fakeAnswer(question(body), behaviour);
  const content = [
    ...(answer.reasoning === null ? [] : [{ reasoningContent: { reasoningText: { text: answer.reasoning, signature: 'EqFake==' } } }]),
    ...(answer.text === null ? [] : [{ text: answer.text }]),
    ...answer.toolCalls.map((call, index) => ({ toolUse: { toolUseId: `tooluse_fake${index}`, name: call.name, input: call.arguments } })),
  ];
  return {
    metrics: { latencyMs: 7 },
    output: { message: { content, role: 'assistant' } },
    stopReason: stopReason(answer),
    usage: usageOf(answer),
  };
}

function events(body: Body, behaviour: Behaviour): [string, Body][] {
  const answer = fakeAnswer(question(body), behaviour);
  const list: [string, Body][] = [['messageStart', { p: 'abcdefgh', role: 'assistant' }]];
  let index = 0;
  const block = (start: Body | null, deltas: Body[]): void => {
    // Only a tool's use is announced.
    if (start !== null) list.push(['contentBlockStart', { contentBlockIndex: index, p: 'abcd', start }]);
    for (const delta of deltas) list.push(['contentBlockDelta', { contentBlockIndex: index, delta, p: 'abcdefghijklmnop' }]);
    list.push(['contentBlockStop', { contentBlockIndex: index, p: 'ab' }]);
    index += 1;
  };
  if (answer.reasoning !== null) {
    block(null, [
      ...pieces(answer.reasoning).map((text) => ({ reasoningContent: { text } })),
      { reasoningContent: { signature: 'EqFake==' } },
    ]);
  }
  if (answer.text !== null)
    block(
      null,
      pieces(answer.text).map((text) => ({ text })),
    );
  answer.toolCalls.forEach((call, position) => {
    const json = Object.keys(call.arguments).length === 0 ? '' : JSON.stringify(call.arguments);
    block(
      { toolUse: { name: call.name, toolUseId: `tooluse_fake${position}` } },
      (json.match(/.{1,6}/gs) ?? ['']).map((input) => ({ toolUse: { input } })),
    );
  });
  list.push(['messageStop', { p: 'abc', stopReason: stopReason(answer) }]);
  list.push(['metadata', { metrics: { latencyMs: 7 }, p: 'abcdef', usage: usageOf(answer) }]);
  return list;
}

/** Titan's shape, or Cohere's for its models. */
function embed(path: string, body: Body): Body {
  const vector = (text: string, size: number) =>
    Array.from({ length: size }, (_, i) => Math.round(Math.sin((text.length + 1) * (i + 1)) * 1e6) / 1e6);
  if (decodeURIComponent(path).includes('cohere.')) {
    const texts = (body['texts'] ?? []) as string[];
    return { embeddings: { float: texts.map((text) => vector(text, 8)) }, id: 'fake0001', response_type: 'embeddings_by_type', texts };
  }
  const text = typeof body['inputText'] === 'string' ? body['inputText'] : '';
  return { embedding: vector(text, Number(body['dimensions'] ?? 8)), embeddingsByType: {}, inputTextTokenCount: 4 };
}
