import type { AnyObject, ChatMessage } from '@whetstone/contract';
import { jsonOf, nested, textOf, type Reader } from '../attributes.ts';
import type { Attributes } from '../wire/span.ts';
import type { Dialect, Reading } from './dialect.ts';
import { genAi } from './gen-ai-names.ts';
import { inputsOf } from './gen-ai.ts';
import { answerOf, finishReasonOf, messageOf, toolsOf } from './messages.ts';
import { requestOf, usageOf } from './parameters.ts';

const kindKey = 'traceloop.span.kind';
const prompts = ['gen_ai.prompt.', 'llm.prompts.'];
const completions = ['gen_ai.completion.', 'llm.completions.'];
const firstFields = [...prompts, ...completions].flatMap((prefix) => [
  `${prefix}0.content`,
  `${prefix}0.role`,
  `${prefix}0.tool_calls.0.name`,
]);

/**
 * OpenLLMetry until 2025: one attribute a message and field (`gen_ai.prompt.0.content`), and the spans of its decorators
 * (`traceloop.span.kind`), which it writes to this day.
 */
export const genAiIndexedDialect: Dialect = {
  name: 'gen_ai_indexed',
  recognises: (span) =>
    (span.has(kindKey) && !span.has(genAi.model)) ||
    (!span.has(genAi.input) && !span.has(genAi.output) && (span.has('llm.request.type') || firstFields.some((key) => span.has(key)))),
  read: (span) => (span.has(kindKey) && !span.has(genAi.model) ? readEntity(span) : readCall(span)),
};

function readCall(span: Reader): Reading {
  const type = span.text('llm.request.type');
  span.take('llm.usage.total_tokens');
  const functions = span.indexed('llm.request.functions.').map((each) => ({
    name: each.get('name'),
    description: each.get('description'),
    parameters: jsonOf(each.get('parameters') ?? each.get('arguments')),
  }));
  const tools = toolsOf(functions);
  const asked = requestOf(span);
  const kernel: AnyObject = { ...asked, endpoint: type === 'completion' ? 'complete' : 'chat' };
  const messages = prompts.flatMap((prefix) => span.indexed(prefix)).flatMap((each) => messageAt(each, 'user'));
  const written = completions.flatMap((prefix) => span.indexed(prefix));
  const reason = written[0]?.get('finish_reason');
  const usage = usageOf(span);
  const embeds = type === 'embedding' || span.span.attributes.get('gen_ai.operation.name') === 'embeddings';
  return {
    kind: 'prompt',
    prompt: tools.length === 0 ? kernel : { ...kernel, tools },
    log: {
      ...usage,
      ...(embeds
        ? { inputs: { input: messages.map(({ content }) => content) } }
        : answerOf(written.flatMap((each) => messageAt(each, 'assistant')))),
      messages: embeds || messages.length === 0 ? null : messages,
      finishReason: usage.finishReason ?? finishReasonOf(typeof reason === 'string' ? reason : null),
      ...associated(span),
    },
  };
}

function messageAt(fields: Attributes, role: ChatMessage['role']): ChatMessage[] {
  const { tool_calls: calls, role: said, content, tool_call_id: callId } = nested(fields);
  return messageOf({ role: said ?? role, content, tool_calls: calls, tool_call_id: callId }, role);
}

/** A workflow, task, agent or tool that a decorator of OpenLLMetry wrapped. */
function readEntity(span: Reader): Reading {
  const kind = span.text(kindKey);
  const name = span.text('traceloop.entity.name', 'traceloop.workflow.name');
  const inputs = inputsOf(span.json('traceloop.entity.input'));
  const output = span.take('traceloop.entity.output');
  const log = { inputs, output: output === undefined ? null : textOf(output), ...associated(span) };
  if (kind === 'tool') return { kind: 'tool', tool: { function: { name: name ?? span.span.name } }, log };
  return { kind: 'flow', flow: { ...(kind === null ? {} : { kind }), ...(name === null ? {} : { name }) }, log };
}

function associated(span: Reader): { user: string | null; session: string | null } {
  const prefix = 'traceloop.association.properties.';
  return {
    user: span.text(`${prefix}user_id`, `${prefix}userId`),
    session: span.text(`${prefix}session_id`, `${prefix}sessionId`, `${prefix}chat_id`),
  };
}
