import type { AnyObject, ChatMessage, ToolChoice } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';
import { jsonOf, plain, plainObject, textOf, type Reader } from '../attributes.ts';
import type { Attributes } from '../wire/span.ts';
import type { Dialect, Reading } from './dialect.ts';
import { inputsOf } from './gen-ai.ts';
import { answerOf, finishReasonOf, messagesOf, providerOf, toolCallsOf } from './messages.ts';
import { requestOf, usageOf } from './parameters.ts';

const operationKey = 'ai.operationId';
const metadataPrefix = 'ai.telemetry.metadata.';
/** Where version 7 puts what its predecessors called metadata. */
const contextPrefix = 'ai.settings.context.';

/** The Vercel AI SDK's own attributes: versions 3 to 6, and version 7 with `LegacyOpenTelemetry`. */
export const aiSdkDialect: Dialect = {
  name: 'ai_sdk',
  recognises: (span) => span.has(operationKey) || span.span.name.startsWith('ai.'),
  read(span) {
    const operation = (span.text(operationKey) ?? span.span.name).split(' ')[0] as string;
    for (const key of ['operation.name', 'resource.name', 'ai.usage.totalTokens', 'gen_ai.response.id']) span.take(key);
    const said = new Map([...span.below(contextPrefix), ...span.below(metadataPrefix)]);
    const functionId = span.text('ai.telemetry.functionId');
    const reading = readOperation(span, operation);
    return placed(reading, said, functionId);
  },
};

function readOperation(span: Reader, operation: string): Reading {
  if (/\.do(?:Generate|Stream)$/.test(operation)) return readCall(span);
  if (operation.endsWith('.doEmbed')) return readEmbedding(span);
  if (operation === 'ai.toolCall') return readTool(span);
  return readAround(span, operation);
}

/** What the application says by the metadata: the file, who uses it, and a log of ours around it all. */
function placed(reading: Reading, said: Attributes, functionId: string | null): Reading {
  const take = (...keys: string[]): string | null => {
    for (const key of keys) {
      const value = said.get(key);
      if (value === undefined || value === null || value === '') continue;
      said.delete(key);
      return textOf(value);
    }
    return null;
  };
  const promptPath = take('humanloopPromptPath', 'promptPath');
  const flowPath = take('humanloopFlowPath', 'flowPath');
  const parentLogId = take('humanloopTraceId', 'traceParentId');
  const user = take('userId', 'user');
  const session = take('sessionId', 'session', 'chatId');
  return {
    ...reading,
    path: reading.kind === 'prompt' ? promptPath : reading.kind === 'flow' ? flowPath : null,
    parentLogId,
    log: { ...reading.log, user, session },
    metadata: { ...plainObject(said), ...(functionId === null ? {} : { functionId }) },
  };
}

function readCall(span: Reader): Reading {
  span.take('ai.model.provider');
  const model = span.text('ai.model.id');
  const asked = requestOf(span);
  const list = span.take('ai.prompt.tools');
  const tools = Array.isArray(list) ? list.map((each) => jsonOf(each)) : jsonOf(list ?? null);
  const before = messagesOf(span.json('ai.prompt.messages'));
  const usage = usageOf(span);
  const counted = ownUsage(span);
  return {
    kind: 'prompt',
    prompt: { model, endpoint: 'chat', ...asked, ...kernelTools(tools) },
    log: {
      ...usage,
      model: usage.model ?? model,
      promptTokens: usage.promptTokens ?? counted.promptTokens,
      outputTokens: usage.outputTokens ?? counted.outputTokens,
      cachedTokens: counted.cachedTokens,
      reasoningTokens: counted.reasoningTokens,
      ...answer(span),
      messages: before.length === 0 ? null : before,
      toolChoice: toolChoiceOf(span.json('ai.prompt.toolChoice')),
      firstTokenMs: span.number('ai.response.msToFirstChunk'),
      finishReason: finishReasonOf(span.text('ai.response.finishReason')) ?? usage.finishReason ?? null,
    },
  };
}

function kernelTools(tools: unknown): AnyObject {
  if (!Array.isArray(tools) || tools.length === 0) return {};
  return {
    tools: tools.flatMap((tool: unknown) => {
      const name = getOwn(tool, 'name');
      if (typeof name !== 'string') return [];
      const description = getOwn(tool, 'description');
      const parameters = getOwn(tool, 'inputSchema') ?? getOwn(tool, 'parameters');
      return [
        { name, ...(typeof description === 'string' ? { description } : {}), ...(typeof parameters === 'object' ? { parameters } : {}) },
      ];
    }),
  };
}

function ownUsage(span: Reader) {
  return {
    promptTokens: span.count('ai.usage.inputTokens', 'ai.usage.promptTokens'),
    outputTokens: span.count('ai.usage.outputTokens', 'ai.usage.completionTokens'),
    cachedTokens: span.count('ai.usage.cachedInputTokens', 'ai.usage.inputTokenDetails.cacheReadTokens'),
    reasoningTokens: span.count('ai.usage.reasoningTokens', 'ai.usage.outputTokenDetails.reasoningTokens'),
  };
}

/** Text or an object, the calls of tools, and the reasoning. */
function answer(span: Reader): { output: string | null; outputMessage: ChatMessage | null } {
  const text = span.text('ai.response.text', 'ai.response.object', 'ai.result.text', 'ai.result.object');
  const calls = toolCallsOf(span.json('ai.response.toolCalls', 'ai.result.toolCalls'));
  const reasoning = span.text('ai.response.reasoning');
  if (text === null && calls.length === 0) return { output: null, outputMessage: null };
  const message: ChatMessage = { role: 'assistant', content: text };
  if (calls.length > 0) message.tool_calls = calls;
  if (reasoning !== null) message.thinking = [{ type: 'thinking', thinking: reasoning, signature: '' }];
  return answerOf([message]);
}

function toolChoiceOf(given: unknown): ToolChoice | null {
  const type = getOwn(given, 'type');
  if (type === 'auto' || type === 'none' || type === 'required') return type;
  const name = getOwn(given, 'toolName');
  return type === 'tool' && typeof name === 'string' ? { type: 'function', function: { name } } : null;
}

function readEmbedding(span: Reader): Reading {
  const model = span.text('ai.model.id');
  const values = span.take('ai.values');
  const texts = Array.isArray(values) ? values.map((each) => jsonOf(each) ?? plain(each)) : jsonOf(values ?? null);
  // Vectors are of no use to a reader, and large.
  span.take('ai.embeddings');
  return {
    kind: 'prompt',
    prompt: { model },
    log: {
      model,
      provider: providerOf(span.text('ai.model.provider')),
      promptTokens: span.count('ai.usage.tokens'),
      inputs: { input: texts ?? null },
    },
  };
}

function readTool(span: Reader): Reading {
  const name = span.text('ai.toolCall.name') ?? span.span.name;
  const result = span.take('ai.toolCall.result');
  return {
    kind: 'tool',
    tool: { function: { name } },
    log: { inputs: inputsOf(span.json('ai.toolCall.args')), output: result === undefined ? null : textOf(result) },
  };
}

/** `ai.generateText` and its like stand around the calls that they make. Their totals are sums of those, so they are not counted twice. */
function readAround(span: Reader, operation: string): Reading {
  const prompt = span.json('ai.prompt');
  const system = getOwn(prompt, 'system');
  const messages = [
    ...(typeof system === 'string' ? messagesOf(system, 'system') : []),
    ...messagesOf(getOwn(prompt, 'messages') ?? getOwn(prompt, 'prompt')),
  ];
  const values = span.json('ai.value', 'ai.values');
  for (const key of ['ai.embedding', 'ai.embeddings']) span.take(key);
  return {
    kind: 'flow',
    flow: { operation },
    log: { ...answer(span), messages: messages.length === 0 ? null : messages, inputs: values === undefined ? null : { input: values } },
  };
}
