import { fakeAnswer, pieces, type FakeAnswer, type FakeQuestion } from './answer.ts';
import type { Shape } from './shape.ts';

/* Gemini's API on the wire, v1beta. Streams are server-sent events (`alt=sse`) that end without a mark. */

type Body = Record<string, unknown>;
interface Part {
  text?: string;
  inlineData?: unknown;
  fileData?: unknown;
  functionResponse?: unknown;
}

export const googleShape: Shape = {
  recognises: (path) => /\/v1beta\//.test(path),
  model: (_body, path) => decodeURIComponent(/\/models\/([^:]+)/.exec(path)?.[1] ?? ''),
  streams: (path) => path.includes(':streamGenerateContent'),
  whole: (path, body, behaviour) => {
    if (path.includes(':batchEmbedContents')) return embeddings(body);
    if (path.endsWith('/models'))
      return {
        models: [{ name: 'models/gemini-2.5-flash', displayName: 'Gemini 2.5 Flash', supportedGenerationMethods: ['generateContent'] }],
      };
    const answer = fakeAnswer(question(body), behaviour);
    return {
      candidates: [candidate(allParts(answer), stopReason(answer))],
      usageMetadata: usageOf(answer),
      modelVersion: modelOf(path),
      responseId: 'fake0001',
    };
  },
  events(path, body, behaviour) {
    const answer = fakeAnswer(question(body), behaviour);
    const parts = [
      ...(answer.reasoning === null ? [] : [{ text: answer.reasoning, thought: true }]),
      ...pieces(answer.text ?? '').map((text) => ({ text })),
      ...callParts(answer),
    ];
    return parts.map((part, index) => {
      const last = index === parts.length - 1;
      const usage = last ? usageOf(answer) : { promptTokenCount: answer.promptTokens, totalTokenCount: answer.promptTokens };
      const event = {
        candidates: [candidate([part], last ? stopReason(answer) : null)],
        usageMetadata: usage,
        modelVersion: modelOf(path),
        responseId: 'fake0001',
      };
      return `data: ${JSON.stringify(event)}\r\n\r\n`;
    });
  },
  streamType: 'text/event-stream',
  streamError: 'data: {"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}\r\n\r\n',
  isEnd: (event) => event.includes('"finishReason"'),
  error(status, model) {
    const known: Record<number, [string, string]> = {
      400: ['INVALID_ARGUMENT', 'Invalid value at generation_config.temperature'],
      401: ['UNAUTHENTICATED', 'Request had invalid authentication credentials.'],
      404: ['NOT_FOUND', `models/${model} is not found for API version v1beta`],
      429: ['RESOURCE_EXHAUSTED', 'You exceeded your current quota.'],
      503: ['UNAVAILABLE', 'The model is overloaded. Please try again later.'],
    };
    const [code, message] = known[status] ?? ['INTERNAL', 'An internal error has occurred.'];
    return { error: { code: status, message, status: code } };
  },
  authorised: (headers, url) => (headers['x-goog-api-key'] ?? url.searchParams.get('key') ?? '') !== '',
};

function modelOf(path: string): string {
  return decodeURIComponent(/\/models\/([^:]+)/.exec(path)?.[1] ?? '');
}

function question(body: Body): FakeQuestion {
  const contents = (body['contents'] ?? []) as { role: string; parts: Part[] }[];
  const user = contents.filter(({ role, parts }) => role === 'user' && parts.some((part) => part.functionResponse === undefined)).at(-1);
  const config = (body['generationConfig'] ?? {}) as Body;
  const calling = ((body['toolConfig'] as Body | undefined)?.['functionCallingConfig'] ?? {}) as {
    mode?: string;
    allowedFunctionNames?: string[];
  };
  const declarations = ((body['tools'] ?? []) as { functionDeclarations?: { name: string; parametersJsonSchema?: unknown }[] }[]).flatMap(
    (tool) => tool.functionDeclarations ?? [],
  );
  return {
    lastUser: (user?.parts ?? []).map((part) => part.text ?? '').join(''),
    images: (user?.parts ?? []).filter((part) => part.inlineData !== undefined || part.fileData !== undefined).length,
    tools: calling.mode === 'NONE' ? [] : declarations.map((tool) => ({ name: tool.name, parameters: tool.parametersJsonSchema })),
    forced: calling.mode === 'ANY' ? (calling.allowedFunctionNames?.[0] ?? 'any') : null,
    schema: config['responseJsonSchema'] ?? config['responseSchema'] ?? null,
    json: config['responseMimeType'] === 'application/json',
    maxTokens: (config['maxOutputTokens'] ?? null) as number | null,
    afterTool: (contents.at(-1)?.parts ?? []).some((part) => part.functionResponse !== undefined),
    thinks: Number((config['thinkingConfig'] as Body | undefined)?.['thinkingBudget'] ?? 0) > 0,
    index: 0,
  };
}

function stopReason({ stop }: FakeAnswer): string {
  return stop === 'length' ? 'MAX_TOKENS' : 'STOP';
}

function callParts(answer: FakeAnswer) {
  return answer.toolCalls.map((call) => ({ functionCall: { name: call.name, args: call.arguments }, thoughtSignature: 'CtFake==' }));
}

function allParts(answer: FakeAnswer) {
  return [
    ...(answer.reasoning === null ? [] : [{ text: answer.reasoning, thought: true }]),
    ...(answer.text === null ? [] : [{ text: answer.text }]),
    ...callParts(answer),
  ];
}

function candidate(parts: object[], finishReason: string | null) {
  return { content: { parts, role: 'model' }, ...(finishReason === null ? {} : { finishReason }), index: 0 };
}

function usageOf(answer: FakeAnswer) {
  return {
    promptTokenCount: answer.promptTokens,
    candidatesTokenCount: answer.outputTokens - answer.reasoningTokens,
    totalTokenCount: answer.promptTokens + answer.outputTokens,
    ...(answer.cachedTokens > 0 ? { cachedContentTokenCount: answer.cachedTokens } : {}),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: answer.promptTokens }],
    ...(answer.reasoningTokens > 0 ? { thoughtsTokenCount: answer.reasoningTokens } : {}),
  };
}

function embeddings(body: Body) {
  const requests = (body['requests'] ?? []) as { content: { parts: Part[] }; outputDimensionality?: number }[];
  return {
    embeddings: requests.map(({ content, outputDimensionality }) => {
      const length = content.parts.map((part) => part.text ?? '').join('').length;
      return {
        values: Array.from({ length: outputDimensionality ?? 8 }, (_, i) => Math.round(Math.sin((length + 1) * (i + 1)) * 1e6) / 1e6),
      };
    }),
  };
}
