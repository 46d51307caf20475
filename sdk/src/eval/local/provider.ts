import type { AnyObject, ChatMessage, PromptKernel } from '@whetstone/contract';
import { listCalls, renderJinja, renderTemplate } from '@whetstone/domain';
import { backoffMs, wait } from '../../client/transport.ts';
import { CannotMeasure, type Price } from '../plan.ts';

/** Model calls without a server: OpenAI's chat completions at `OPENAI_BASE_URL`. */

export interface Provider {
  baseUrl: string;
  apiKey: string;
  fetch: typeof fetch;
}

export interface Answer {
  output: string;
  model: string;
  promptTokens: number | null;
  outputTokens: number | null;
  finishReason: string | null;
  costUsd: number | null;
  messages: ChatMessage[];
}

const tries = 5;
const timeoutMs = 120_000;

/** @throws CannotMeasure where no provider is named */
export function providerOf(environment: Record<string, string | undefined>): Provider {
  const baseUrl = environment['OPENAI_BASE_URL'] || 'https://api.openai.com/v1';
  const apiKey = environment['OPENAI_API_KEY'] ?? '';
  if (apiKey === '' && !environment['OPENAI_BASE_URL'])
    throw new CannotMeasure(
      'There is no provider to call: set OPENAI_API_KEY, or OPENAI_BASE_URL, or run against a server without --local.',
    );
  return { baseUrl: baseUrl.replace(/\/+$/, ''), apiKey, fetch };
}

interface Call {
  kernel: PromptKernel;
  inputs: AnyObject;
  messages: ChatMessage[];
  price: Price | null;
  signal: AbortSignal;
}

/** Fills the template in, appends the messages, asks. Repeats what is worth it. @throws Error with the provider's own words */
export async function callProvider(provider: Provider, { kernel, inputs, messages, price, signal }: Call): Promise<Answer> {
  const sent = [...rendered(kernel, inputs), ...messages];
  const body = requestOf(kernel, sent);
  for (let attempt = 0; ; attempt += 1) {
    const answer = await once(provider, body, signal);
    if (answer.ok) return read(answer.value, sent, kernel, price);
    if (!answer.again || attempt + 1 >= tries) throw new Error(answer.message);
    await wait(answer.afterMs ?? backoffMs(attempt), signal);
  }
}

function rendered(kernel: PromptKernel, inputs: AnyObject): ChatMessage[] {
  const template = kernel.template ?? [];
  const calls = listCalls(template, inputs);
  if (calls.length > 0)
    throw new CannotMeasure(`The template calls \`${calls[0]?.name}\`, which only a server can fill in: run without --local.`);
  const fill = kernel.template_language === 'jinja' ? renderJinja : renderTemplate;
  const filled = fill(typeof template === 'string' ? [{ role: 'user' as const, content: template }] : template, inputs);
  if (!filled.ok) throw new Error(filled.message);
  return filled.value;
}

function requestOf(kernel: PromptKernel, messages: ChatMessage[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    ...kernel.other,
    model: kernel.model,
    messages,
    temperature: kernel.temperature,
    top_p: kernel.top_p,
    max_completion_tokens: kernel.max_tokens === -1 ? null : kernel.max_tokens,
    stop: kernel.stop,
    presence_penalty: kernel.presence_penalty,
    frequency_penalty: kernel.frequency_penalty,
    seed: kernel.seed,
    response_format: kernel.response_format,
    reasoning_effort: kernel.reasoning_effort,
    tools: (kernel.tools ?? []).length === 0 ? null : kernel.tools?.map((tool) => ({ type: 'function', function: tool })),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

type Once = { ok: true; value: Record<string, unknown> } | { ok: false; message: string; again: boolean; afterMs: number | null };

async function once(provider: Provider, body: unknown, signal: AbortSignal): Promise<Once> {
  let response: Response;
  try {
    response = await provider.fetch(`${provider.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${provider.apiKey}` },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return { ok: false, message: `The provider at ${provider.baseUrl} cannot be reached: ${cause}`, again: true, afterMs: null };
  }
  const text = await response.text();
  if (response.ok) {
    try {
      return { ok: true, value: JSON.parse(text) as Record<string, unknown> };
    } catch {
      return { ok: false, message: `The provider answered with what is no JSON: ${text.slice(0, 200)}`, again: false, afterMs: null };
    }
  }
  const seconds = Number(response.headers.get('retry-after'));
  return {
    ok: false,
    message: `The provider answered with ${response.status}: ${saidIn(text)}`,
    again: response.status === 429 || response.status >= 500,
    afterMs: seconds > 0 ? Math.min(seconds, 60) * 1000 : null,
  };
}

function saidIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } };
    return (error?.message ?? text).slice(0, 500);
  } catch {
    return text.slice(0, 500);
  }
}

interface Completion {
  model?: string;
  choices?: { message?: ChatMessage; finish_reason?: string }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number };
}

function read(value: Record<string, unknown>, messages: ChatMessage[], kernel: PromptKernel, price: Price | null): Answer {
  const { choices, usage, model } = value as Completion;
  const [choice] = choices ?? [];
  if (choice?.message === undefined) throw new Error('The provider answered without a message.');
  const { content, tool_calls: toolCalls } = choice.message;
  const text = typeof content === 'string' ? content : '';
  const promptTokens = usage?.prompt_tokens ?? null;
  const outputTokens = usage?.completion_tokens ?? null;
  return {
    output: text !== '' || toolCalls == null ? text : JSON.stringify(toolCalls),
    model: model ?? kernel.model,
    promptTokens,
    outputTokens,
    finishReason: choice.finish_reason ?? null,
    costUsd:
      price === null || promptTokens === null || outputTokens === null
        ? null
        : (promptTokens * price.input + outputTokens * price.output) / 1_000_000,
    messages,
  };
}
