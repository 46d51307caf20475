import { createOpenAI } from '@ai-sdk/openai';
import { LegacyOpenTelemetry, OpenTelemetry } from '@ai-sdk/otel';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
import { context, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { generateText, isStepCount, streamText, tool } from 'ai';
import * as ai6 from 'ai-6';
import { createOpenAI as createOpenAI3 } from 'ai-sdk-openai-3';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

type Log = Record<string, unknown> & { id: string; type: string; metadata: Record<string, unknown>; trace_parent_id: string | null };

/** Published clients of OpenTelemetry, unmodified: what they send, and what becomes of it. The models are faked on loopback. */
describe('clients that send spans', () => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  const contexts = new AsyncLocalStorageContextManager();

  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await startWhetstone();
    contexts.enable();
    context.setGlobalContextManager(contexts);
  });
  afterAll(async () => {
    context.disable();
    await whetstone?.close();
    await provider?.close();
  });

  const logs = async (filter: string): Promise<Log[]> => {
    const response = await fetch(`${whetstone.url}/v5/logs?size=100&filter=${encodeURIComponent(filter)}`, {
      headers: { 'x-api-key': whetstone.apiKey },
    });
    return ((await response.json()) as { records: Log[] }).records;
  };
  /** The logs of a service once there are so many. */
  const logsOf = (service: string, count: number): Promise<Log[]> =>
    eventually(
      `${count} logs of ${service}`,
      async () => {
        const found = await logs(`meta.resource.service.name:"${service}"`);
        return found.length >= count ? found : null;
      },
      60_000,
    );
  const settings = (path: string) => ({ url: `${whetstone.url}${path}`, headers: { 'x-api-key': whetstone.apiKey } });

  /** Runs with a tracer whose spans are sent when the work is over. */
  async function traced(
    service: string,
    work: (tracer: Tracer, tracers: TracerProvider) => Promise<void>,
    exporter = new ProtobufExporter(settings('/v1/traces')),
  ) {
    const tracers = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': service }),
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    });
    await work(tracers.getTracer('test', '1.0'), tracers);
    await tracers.forceFlush();
    await tracers.shutdown();
  }

  it.each([
    ['exporter-trace-otlp-proto', (): ProtobufExporter => new ProtobufExporter(settings('/v1/traces'))],
    ['exporter-trace-otlp-http', (): JsonExporter => new JsonExporter(settings('/v5/import/otel/v1/traces'))],
    [
      'exporter-trace-otlp-proto with gzip',
      (): ProtobufExporter => new ProtobufExporter({ ...settings('/v1/traces'), compression: 'gzip' as never }),
    ],
  ])('@opentelemetry/%s: a trace arrives whole, and is completed', async (name, exporter) => {
    await traced(
      name,
      async (tracer) => {
        await tracer.startActiveSpan('handle', { kind: SpanKind.SERVER }, async (root) => {
          tracer.startActiveSpan(
            'chat gpt-4o',
            {
              kind: SpanKind.CLIENT,
              attributes: {
                'gen_ai.operation.name': 'chat',
                'gen_ai.request.model': 'gpt-4o',
                'gen_ai.usage.input_tokens': 1000,
                tags: ['a', 'b'],
              },
            },
            (span) => {
              span.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
              span.end();
            },
          );
          root.end();
        });
      },
      exporter(),
    );
    const found = await logsOf(name, 2);
    const flow = found.find(({ type }) => type === 'flow') as Log;
    const prompt = found.find(({ type }) => type === 'prompt') as Log;
    expect(prompt).toMatchObject({
      trace_parent_id: flow.id,
      trace_id: flow.id,
      model: 'gpt-4o',
      prompt_tokens: 1000,
      prompt_cost: 0.0025,
      error: 'no',
      status: 'error',
      origin: 'otel',
    });
    expect(prompt.metadata).toMatchObject({
      tags: ['a', 'b'],
      'otel.scope.name': 'test',
      'otel.scope.version': '1.0',
      'otel.span_kind': 'client',
    });
    await eventually(
      'the trace is complete',
      async () => (await logs(`meta.resource.service.name:"${name}"`)).some((log) => log['log_status'] === 'complete'),
      60_000,
    );
  });

  const weather = { description: 'The weather.', inputSchema: z.object({ city: z.string() }), execute: async () => ({ degrees: 20 }) };

  it('ai 7 with @ai-sdk/otel: an agent’s steps, calls and tools', async () => {
    await traced('ai-7', async (tracer) => {
      await generateText({
        model: createOpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1` }).chat('fake-model'),
        instructions: 'Be brief.',
        prompt: 'What does the weather tool say?',
        tools: { weather: tool(weather) },
        stopWhen: isStepCount(2),
        temperature: 0.3,
        telemetry: { functionId: 'assistant', integrations: [new OpenTelemetry({ tracer })] },
      });
    });
    // Two calls, one tool, two steps, one agent.
    const found = await logsOf('ai-7', 6);
    const calls = found
      .filter(({ type }) => type === 'prompt')
      .toSorted((a, b) => String(a['start_time']).localeCompare(String(b['start_time'])));
    expect(calls).toHaveLength(2);
    expect(calls[0]).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'What does the weather tool say?' },
      ],
      output_message: { tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Paris"}' } }] },
      finish_reason: 'tool_calls',
      prompt: { model: 'fake-model', provider: 'openai', temperature: 0.3, tools: [{ name: 'weather' }] },
    });
    expect(calls[1]?.['messages']).toContainEqual(expect.objectContaining({ role: 'tool', content: '{"degrees":20}' }));
    expect(found.find(({ type }) => type === 'tool')).toMatchObject({
      inputs: { city: 'Paris' },
      output: '{"degrees":20}',
      tool: { function: { name: 'weather' } },
    });
    const agent = found.find(({ trace_parent_id: parent }) => parent === null) as Log;
    expect(agent).toMatchObject({ type: 'flow', flow: { attributes: { operation: 'invoke_agent', name: 'assistant' } } });
    expect(found.every((log) => log['trace_id'] === agent.id)).toBe(true);
  });

  it('ai 7 with its older attributes: a stream', async () => {
    await traced('ai-7-legacy', async (tracer) => {
      const result = streamText({
        model: createOpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1` }).chat('fake-model'),
        prompt: 'Hello',
        runtimeContext: { humanloopPromptPath: 'shop/streamed', userId: 'u_1' },
        telemetry: {
          includeRuntimeContext: { humanloopPromptPath: true, userId: true },
          integrations: [new LegacyOpenTelemetry({ tracer })],
        },
      });
      await result.consumeStream();
    });
    const call = (await logsOf('ai-7-legacy', 2)).find(({ type }) => type === 'prompt') as Log;
    expect(call).toMatchObject({
      prompt: { path: 'shop/streamed' },
      user: 'u_1',
      output: 'You said: Hello',
      messages: [{ role: 'user', content: 'Hello' }],
    });
    expect(call['first_token_ms']).toBeGreaterThan(0);
  });

  it('ai 6 with telemetry on: its metadata names the prompt, the flow and the log around it', async () => {
    const parent = await fetch(`${whetstone.url}/v5/flows/log`, {
      method: 'POST',
      headers: { 'x-api-key': whetstone.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ path: 'shop/session', log_status: 'incomplete', inputs: { a: 1 } }),
    });
    const { id } = (await parent.json()) as { id: string };
    const metadata = { humanloopPromptPath: 'shop/answer', humanloopFlowPath: 'shop/assistant', humanloopTraceId: id, plan: 'pro' };
    await traced('ai-6', async (tracer) => {
      await ai6.generateText({
        model: createOpenAI3({ apiKey: 'k', baseURL: `${provider.url}/v1` }).chat('fake-model'),
        prompt: 'What does the weather tool say?',
        tools: { weather: ai6.tool(weather) },
        stopWhen: ai6.stepCountIs(2),
        experimental_telemetry: { isEnabled: true, tracer, functionId: 'assistant', metadata },
      });
    });
    const found = await logsOf('ai-6', 4);
    const flow = found.find(({ type }) => type === 'flow') as Log;
    expect(flow).toMatchObject({ flow: { path: 'shop/assistant' }, trace_parent_id: id });
    const calls = found.filter(({ type }) => type === 'prompt');
    expect(calls.map((call) => (call['prompt'] as { path: string }).path)).toEqual(['shop/answer', 'shop/answer']);
    expect(calls.map(({ trace_parent_id: around }) => around)).toEqual([flow.id, flow.id]);
    expect(calls[0]?.metadata).toMatchObject({ plan: 'pro', functionId: 'assistant' });
    expect(found.find(({ type }) => type === 'tool')).toMatchObject({ inputs: { city: 'Paris' }, trace_parent_id: flow.id });
  });

  it('OpenInference’s instrumentation of the OpenAI client', async () => {
    await traced('openinference', async (_tracer, tracers) => {
      const instrumentation = new OpenAIInstrumentation({ tracerProvider: tracers });
      instrumentation.manuallyInstrument(OpenAI);
      const client = new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0 });
      await client.chat.completions.create({
        model: 'fake-model',
        temperature: 0.2,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'See this.' },
              { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
            ],
          },
        ],
      });
      await client.embeddings.create({ model: 'fake-embed', input: 'hello' });
      instrumentation.disable();
    });
    const found = await logsOf('openinference', 2);
    const chat = found.find((log) => log['model'] === 'fake-model');
    expect(chat).toMatchObject({
      type: 'prompt',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See this.' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
          ],
        },
      ],
      prompt: { temperature: 0.2, model: 'fake-model' },
      finish_reason: 'stop',
    });
    expect(chat?.['prompt_tokens']).toBeGreaterThan(0);
    expect(found.find((log) => log['model'] === 'fake-embed')).toMatchObject({ inputs: { input: ['hello'] } });
  });
});
