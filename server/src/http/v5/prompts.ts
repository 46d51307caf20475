import { AppError, type ChatMessage, type JsonObject, type PromptCallRequest, type PromptKernel, type Scope } from '@whetstone/contract';
import { parsePromptFile, printPromptFile } from '@whetstone/domain';
import { experimentHeaders } from '../../experiments/index.ts';
import type { PromptCall, PromptCallResult, PromptStreamEvent, Sample } from '../../gateway/index.ts';
import type { Call, Handlers } from './call.ts';
import type { Rooms } from './handlers.ts';
import { experimentOf, exposed, unitOf } from './unit.ts';

type Own = 'prompts.call' | 'prompts.populate' | 'prompts.serialize' | 'prompts.deserialize';

/** What only prompts do: call a model, fill in a template, be text. */
export function promptHandlers(rooms: Rooms): Handlers<Own> {
  const { files, gateway } = rooms;
  return {
    async 'prompts.call'(call) {
      const request = callRequest(call.scope, call.body, call.query, unitOf(call.request, call.body.user));
      if (call.body.stream === true) return streamCall(rooms, call, request);
      const result = await gateway.callPrompt(call.scope, request, call.signal);
      void call.reply.headers(experimentHeaders(result.assigned) ?? {});
      return call.reply.send(await presentCall(rooms, call.scope, call.body, result));
    },
    async 'prompts.populate'(call) {
      const { scope, params, query, body } = call;
      const found = await files.get(scope, 'prompt', { id: params.id }, { versionId: query.version_id, environment: query.environment });
      const { snapshot, assigned, environment } = await exposed(rooms, call, found, 'populate');
      const [file] = await rooms.presentFiles(scope, [snapshot]);
      return {
        ...(file as object),
        ...experimentOf(assigned, environment),
        populated_template: await gateway.populate(scope, snapshot.version.kernel, (body ?? {}) as JsonObject),
      } as never;
    },
    async 'prompts.serialize'({ scope, params, query, reply }) {
      const snapshot = await files.get(scope, 'prompt', { id: params.id }, { versionId: query.version_id, environment: query.environment });
      return reply.type('text/plain; charset=utf-8').send(printPromptFile('prompt', snapshot.version.kernel));
    },
    async 'prompts.deserialize'({ body }) {
      return readPromptText(body.prompt);
    },
  };
}

/** A kernel from `.prompt` text. */
export function readPromptText(text: string): PromptKernel {
  const parsed = parsePromptFile('prompt', text);
  if (!parsed.ok)
    throw new AppError('invalid_input', `prompt: line ${parsed.error.line}, column ${parsed.error.column}: ${parsed.error.message}`);
  return parsed.kernel;
}

export function promptKernelOf(given: PromptKernel | string | null | undefined): PromptKernel | null {
  if (given === null || given === undefined) return null;
  return typeof given === 'string' ? readPromptText(given) : given;
}

function callRequest(
  scope: Scope,
  body: PromptCallRequest,
  query: { version_id?: string | null | undefined; environment?: string | null | undefined },
  unit: string | null,
): PromptCall {
  const ref = body.id != null ? { id: body.id } : body.path != null ? { path: body.path } : null;
  const kernel = promptKernelOf(body.prompt);
  if (ref === null && kernel === null)
    throw new AppError('not_found', 'Name the prompt to call by `path` or `id`, or send one as `prompt`.');
  const draft = body.draft === true;
  return {
    ref,
    at: { versionId: query.version_id, environment: query.environment },
    kernel,
    draft,
    messages: body.messages ?? [],
    inputs: (body.inputs ?? {}) as JsonObject,
    toolChoice: body.tool_choice ?? null,
    samples: body.num_samples ?? 1,
    providerApiKeys: Object.fromEntries(
      Object.entries(body.provider_api_keys ?? {}).flatMap(([name, key]) => (key == null || key === '' ? [] : [[name, key]])),
    ),
    suffix: body.suffix ?? null,
    environment: body.environment ?? null,
    log: {
      id: body.log_id ?? undefined,
      origin: draft || body.counterfactual_of != null ? 'playground' : 'api',
      user: body.user ?? null,
      session: body.session ?? null,
      unit,
      referenceId: body.reference_id ?? null,
      source: body.source ?? null,
      metadata: body.metadata ?? null,
      traceParentId: body.trace_parent_id ?? null,
      datapointId: body.source_datapoint_id ?? null,
      counterfactualOf: body.counterfactual_of ?? null,
      save: body.save ?? true,
      keyId: scope.actor.type === 'key' ? scope.actor.id : null,
    },
  };
}

function presentSample(sample: Sample) {
  return {
    index: sample.index,
    log_id: sample.logId,
    output: sample.output,
    created_at: sample.createdAt.toISOString(),
    error: sample.error,
    provider_latency: sample.latencyMs / 1000,
    stdout: null,
    output_message: sample.outputMessage,
    prompt_tokens: sample.promptTokens,
    reasoning_tokens: sample.reasoningTokens,
    output_tokens: sample.outputTokens,
    prompt_cost: sample.promptCost,
    output_cost: sample.outputCost,
    finish_reason: sample.finishReason,
  };
}

async function presentCall(rooms: Rooms, scope: Scope, body: PromptCallRequest, result: PromptCallResult) {
  const [prompt] = await rooms.presentFiles(scope, [result.snapshot]);
  const environments = result.environmentId === null ? [] : await rooms.files.environments.list(scope);
  return {
    id: result.logId,
    log_id: result.logId,
    trace_id: result.traceId,
    prompt,
    inputs: body.return_inputs === false ? null : (body.inputs ?? null),
    messages: result.messages,
    tool_choice: body.tool_choice ?? null,
    source: body.source ?? null,
    metadata: body.metadata ?? null,
    start_time: result.startTime.toISOString(),
    end_time: result.endTime.toISOString(),
    source_datapoint_id: body.source_datapoint_id ?? null,
    trace_parent_id: body.trace_parent_id ?? null,
    user: body.user ?? null,
    environment: environments.find((environment) => environment.id === result.environmentId)?.name ?? null,
    save: body.save ?? true,
    logs: result.samples.map(presentSample),
    ...experimentOf(result.assigned),
  };
}

/**
 * Server-sent events, one whole JSON object per `data:` line. A failure before the first event is an ordinary error
 * answer; later it is a chunk whose `error` says what happened.
 */
async function streamCall(rooms: Rooms, call: Call<'prompts.call'>, request: PromptCall): Promise<unknown> {
  const events = rooms.gateway.streamPrompt(call.scope, request, call.signal)[Symbol.asyncIterator]();
  const first = await events.next();
  const out = call.reply.hijack().raw;
  out.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    ...(first.done !== true && first.value.type === 'start'
      ? { 'x-whetstone-log-id': first.value.logIds[0] ?? '', ...experimentHeaders(first.value.assigned) }
      : {}),
  });
  const chunks = streamChunks();
  for (let next = first; next.done !== true; next = await events.next()) {
    const chunk = chunks(next.value);
    if (chunk === null) continue;
    if (!out.write(`data: ${hideDone(JSON.stringify(chunk))}\n\n`))
      await new Promise<void>((resolve) => void out.once('drain', resolve).once('close', resolve));
  }
  out.end();
  return call.reply;
}

/** The published TypeScript client ends its stream at any line that contains `[DONE]`, so text never does. */
export function hideDone(json: string): string {
  return json.replaceAll('[DONE]', String.raw`[DON\u0045]`);
}

/** v5's chunk for each event; the prompt's ids come with the first. */
function streamChunks(): (event: PromptStreamEvent) => Record<string, unknown> | null {
  let ids = { prompt_id: '', version_id: '' };
  let messages: ChatMessage[] = [];
  return (event) => {
    if (event.type === 'start') {
      ids = { prompt_id: event.snapshot.file.id, version_id: event.snapshot.version.id };
      messages = event.messages;
      return null;
    }
    if (event.type === 'delta') {
      return {
        index: event.index,
        id: event.logId,
        log_id: event.logId,
        ...ids,
        output: event.text,
        ...(event.toolCalls === undefined ? {} : { tool_calls: event.toolCalls }),
        ...(event.reasoning === undefined ? {} : { reasoning: event.reasoning }),
      };
    }
    return { ...presentSample(event.sample), id: event.sample.logId, ...ids, output: '', populated_messages: messages };
  };
}
