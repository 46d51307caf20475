import type { AnyObject, ChatMessage } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';
import { jsonOf, nested, numberOf, textOf, type Reader } from '../attributes.ts';
import type { Attributes } from '../wire/span.ts';
import type { Dialect, Reading } from './dialect.ts';
import { documentOf, retrieval } from './documents.ts';
import { inputsOf } from './gen-ai.ts';
import { answerOf, finishReasonOf, messageOf, messagesOf, providerOf, textOrNull, toolsOf } from './messages.ts';
import { whole } from './parameters.ts';

const kindKey = 'openinference.span.kind';

/** OpenInference (Arize): `openinference.span.kind` and flattened lists of messages and documents. */
export const openInferenceDialect: Dialect = {
  name: 'openinference',
  recognises: (span) => span.has(kindKey) || span.has('llm.model_name'),
  read(span) {
    const kind = span.text(kindKey) ?? 'LLM';
    const read = Object.hasOwn(kinds, kind.toUpperCase()) ? kinds[kind.toUpperCase()] : undefined;
    const reading = (read ?? readAround)(span, kind);
    const metadata = span.json('metadata');
    const tags = span.texts('tag.tags');
    reading.metadata = {
      ...(typeof metadata === 'object' && metadata !== null ? (metadata as AnyObject) : {}),
      ...(tags === null ? {} : { tags }),
    };
    span.take('input.mime_type');
    span.take('output.mime_type');
    return reading;
  },
};

const kinds: Record<string, (span: Reader, kind: string) => Reading> = {
  LLM: readCall,
  EMBEDDING: readEmbedding,
  RETRIEVER: (span) => readRetrieval(span, 'retrieval.documents.'),
  RERANKER: readReranker,
  TOOL: readTool,
};

function readCall(span: Reader): Reading {
  const model = span.text('llm.model_name');
  const kernel = { model, endpoint: 'chat', ...parametersOf(span) };
  const template = span.text('llm.prompt_template.template');
  const variables = span.json('llm.prompt_template.variables');
  const before = messagesAt(span, 'llm.input_messages.', 'user');
  const answers = messagesAt(span, 'llm.output_messages.', 'assistant');
  // The whole request and answer once more, as text: kept only where the messages are not.
  const input = span.take('input.value');
  const output = span.take('output.value');
  const answer = answerOf(answers);
  return {
    kind: 'prompt',
    prompt: template === null ? kernel : { ...kernel, template },
    log: {
      ...answer,
      output: answer.outputMessage === null && output !== undefined ? textOf(output) : answer.output,
      messages: before.length > 0 ? before : input === undefined ? null : messagesOf(textOf(input)),
      inputs: inputsOf(variables),
      model,
      provider: providerOf(span.text('llm.provider', 'llm.system')),
      promptTokens: span.count('llm.token_count.prompt'),
      outputTokens: span.count('llm.token_count.completion'),
      cachedTokens: span.count('llm.token_count.prompt_details.cache_read'),
      reasoningTokens: span.count('llm.token_count.completion_details.reasoning'),
      promptCost: span.number('llm.cost.prompt'),
      outputCost: span.number('llm.cost.completion'),
      finishReason: finishReasonOf(span.text('llm.finish_reason')),
    },
  };
}

function parametersOf(span: Reader): AnyObject {
  const given = span.json('llm.invocation_parameters');
  const kernel: AnyObject = {};
  for (const name of ['temperature', 'top_p', 'frequency_penalty', 'presence_penalty'] as const) {
    const value = numberOf(getOwn(given, name));
    if (value !== null) kernel[name] = value;
  }
  const maxTokens = whole(numberOf(getOwn(given, 'max_tokens') ?? getOwn(given, 'max_completion_tokens')));
  if (maxTokens !== null) kernel['max_tokens'] = maxTokens;
  const seed = whole(numberOf(getOwn(given, 'seed')));
  if (seed !== null) kernel['seed'] = seed;
  const written = span.indexed('llm.tools.').map((each) => jsonOf(each.get('tool.json_schema') ?? null));
  const tools = toolsOf(written.length > 0 ? written : getOwn(given, 'tools'));
  return tools.length === 0 ? kernel : { ...kernel, tools };
}

function messagesAt(span: Reader, prefix: string, role: ChatMessage['role']): ChatMessage[] {
  return span.indexed(prefix).flatMap((each) => messageAt(each, role));
}

function messageAt(fields: Attributes, role: ChatMessage['role']): ChatMessage[] {
  const message = getOwn(nested(fields), 'message');
  const contents = getOwn(message, 'contents');
  const calls = getOwn(message, 'tool_calls');
  return messageOf(
    {
      role: getOwn(message, 'role'),
      name: getOwn(message, 'name'),
      content: Array.isArray(contents) ? contents.map(partOf) : getOwn(message, 'content'),
      tool_call_id: getOwn(message, 'tool_call_id'),
      tool_calls: Array.isArray(calls) ? calls.map((call: unknown) => getOwn(call, 'tool_call')) : undefined,
    },
    role,
  );
}

function partOf(given: unknown): unknown {
  const part = getOwn(given, 'message_content');
  const image = getOwn(getOwn(getOwn(part, 'image'), 'image'), 'url');
  return typeof image === 'string' ? { type: 'image_url', image_url: { url: image } } : part;
}

function readEmbedding(span: Reader): Reading {
  const model = span.text('embedding.model_name', 'llm.model_name');
  const texts = span.indexed('embedding.embeddings.').flatMap((each) => {
    const text = each.get('embedding.text');
    return text === undefined ? [] : [textOf(text)];
  });
  const input = span.take('input.value');
  span.take('output.value');
  return {
    kind: 'prompt',
    prompt: { model },
    log: {
      model,
      provider: providerOf(span.text('llm.provider', 'llm.system')),
      promptTokens: span.count('llm.token_count.prompt', 'llm.token_count.total'),
      inputs: { input: texts.length > 0 ? texts : textOf(input) },
    },
  };
}

function readRetrieval(span: Reader, prefix: string, query = span.text('input.value')): Reading {
  const documents = span.indexed(prefix).map((each) => documentOf(each, 'document.'));
  span.take('output.value');
  return { kind: 'tool', tool: { function: { name: span.span.name } }, log: retrieval(query, documents) };
}

function readReranker(span: Reader): Reading {
  const query = span.text('reranker.query', 'input.value');
  const given = span.indexed('reranker.input_documents.').map((each) => documentOf(each, 'document.'));
  const reading = readRetrieval(span, 'reranker.output_documents.', query);
  return given.length === 0 ? reading : { ...reading, log: { ...reading.log, inputs: { ...reading.log.inputs, documents: given } } };
}

function readTool(span: Reader): Reading {
  const name = span.text('tool.name', 'tool_call.function.name') ?? span.span.name;
  const description = span.text('tool.description');
  const parameters = span.json('tool.parameters', 'tool.json_schema');
  const given = span.json('tool_call.function.arguments', 'input.value');
  const output = span.take('output.value');
  const isSchema = typeof parameters === 'object' && parameters !== null && !Array.isArray(parameters);
  return {
    kind: 'tool',
    tool: {
      function: { name, ...(description === null ? {} : { description }), ...(isSchema ? { parameters: parameters as AnyObject } : {}) },
    },
    log: { inputs: inputsOf(given), output: output === undefined ? null : textOf(output) },
  };
}

/** Chains, agents, guardrails, evaluators. */
function readAround(span: Reader, kind: string): Reading {
  const output = span.take('output.value');
  const agent = textOrNull(span.text('agent.name', 'graph.node.name'));
  return {
    kind: 'flow',
    flow: { kind: kind.toLowerCase(), ...(agent === null ? {} : { name: agent }) },
    log: { inputs: inputsOf(span.json('input.value')), output: output === undefined ? null : textOf(output) },
  };
}
