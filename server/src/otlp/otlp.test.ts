import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOtlp, protobufOfGroups, standInOf, type OtlpHouse } from './test/room.ts';
import { jsonOfGroups, newTraceId, spanId, type Group, type Written } from './test/spans.ts';

const now = Date.now();
const root = (traceId: string, more: Partial<Written> = {}): Written => ({
  traceId,
  spanId: spanId(1),
  name: 'POST /ask',
  kind: 2,
  startMs: now,
  endMs: now + 900,
  ...more,
});
const chat = (traceId: string, more: Partial<Written> = {}): Written => ({
  traceId,
  spanId: spanId(2),
  parentId: spanId(1),
  name: 'chat gpt-4o',
  kind: 3,
  startMs: now + 10,
  endMs: now + 510.25,
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.request.temperature': 0.5,
    'gen_ai.usage.input_tokens': 1000,
    'gen_ai.usage.output_tokens': 100,
    'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'Where is my bike?' }] }]),
    'gen_ai.output.messages': JSON.stringify([
      { role: 'assistant', parts: [{ type: 'text', content: 'On its way.' }], finish_reason: 'stop' },
    ]),
    'shop.customer': 'c_7',
  },
  ...more,
});
const shop = (spans: Written[]): Group => ({ resource: { 'service.name': 'shop', 'deployment.environment.name': 'staging' }, spans });

describe('spans over OTLP', () => {
  let room: OtlpHouse;
  beforeAll(async () => {
    room = await openOtlp();
  });
  afterAll(() => room.close());

  it('a model call becomes a prompt log with messages, tokens, cost, times and what else it said', async () => {
    const trace = newTraceId();
    const { records } = await room.take([shop([root(trace), chat(trace)])]);
    const log = await room.logOf(trace, spanId(2));
    expect(records[1]).toBe(log.id);
    expect(log).toMatchObject({
      kind: 'prompt',
      origin: 'otel',
      status: 'ok',
      model: 'gpt-4o',
      provider: 'openai',
      promptTokens: 1000,
      outputTokens: 100,
      promptCost: 0.0025,
      outputCost: 0.001,
      latencyMs: 500.25,
      messages: [{ role: 'user', content: 'Where is my bike?' }],
      output: 'On its way.',
      finishReason: 'stop',
      traceParentId: records[0],
      traceId: records[0],
    });
    expect(log.metadata).toMatchObject({
      'shop.customer': 'c_7',
      'otel.trace_id': trace,
      resource: { 'service.name': 'shop' },
      'otel.scope.name': 'test',
    });
    const staging = await room.house.files.environments.byName(room.scope, 'staging');
    expect(log.environmentId).toBe(staging.id);
    const snapshot = (await room.house.files.versionsById(room.scope, [log.versionId])).get(log.versionId);
    expect(snapshot?.file).toMatchObject({ path: 'otel/shop/chat gpt-4o', hidden: true });
    expect(snapshot?.version.kernel).toMatchObject({ model: 'gpt-4o', provider: 'openai', temperature: 0.5 });
  });

  it('the rest becomes the trace around it: a flow log that is complete 5 s after its last span', async () => {
    const trace = newTraceId();
    await room.take([shop([root(trace), chat(trace)])]);
    const flow = await room.logOf(trace, spanId(1));
    expect(flow).toMatchObject({ kind: 'flow', logStatus: 'incomplete', traceParentId: null, traceId: flow.id, latencyMs: 900 });
    await room.otlp.completeDue(room.clock.now + 4_999);
    expect((await room.logOf(trace, spanId(1))).logStatus).toBe('incomplete');
    await room.otlp.completeDue(room.clock.now + 5_000);
    expect((await room.logOf(trace, spanId(1))).logStatus).toBe('complete');
    await room.take([shop([{ ...chat(trace), spanId: spanId(9) }])]);
    expect(await room.logOf(trace, spanId(9))).toMatchObject({ late: true, traceId: flow.id });
  });

  it('a trace whose root never comes gets one after ten minutes', async () => {
    const trace = newTraceId();
    await room.take([shop([chat(trace), chat(trace, { spanId: spanId(3) })])]);
    await room.otlp.completeDue(room.clock.now + 599_999);
    expect(await room.house.logs.find(room.scope, standInOf(trace))).toBeNull();
    await room.otlp.completeDue(room.clock.now + 600_000);
    expect(await room.house.logs.find(room.scope, standInOf(trace))).toMatchObject({ kind: 'flow', logStatus: 'complete' });
    const whole = await room.house.logs.trace(room.scope, (await room.logOf(trace, spanId(3))).id);
    expect(whole).toHaveLength(3);
  });

  it('a trace that was open when the process ended is completed by the next one', async () => {
    const trace = newTraceId();
    await room.take([shop([root(trace), chat(trace)])]);
    await room.otlp.completeDue(room.clock.now);
    room.clock.now += 120_000;
    await room.reopen();
    await room.otlp.completeDue(room.clock.now);
    expect((await room.logOf(trace, spanId(1))).logStatus).toBe('complete');
    // A child that comes after the restart finds its trace by its parent.
    await room.take([shop([{ ...chat(trace), spanId: spanId(8) }])]);
    expect(await room.logOf(trace, spanId(8))).toMatchObject({ traceId: (await room.logOf(trace, spanId(1))).id, late: true });
  });

  it('one request may hold many traces, and the same span twice is one log', async () => {
    const traces = Array.from({ length: 20 }, newTraceId);
    const groups = [shop(traces.flatMap((trace) => [chat(trace), root(trace), chat(trace)]))];
    const { records } = await room.take(groups);
    expect(new Set(records).size).toBe(40);
    expect(new Set((await room.take(groups)).records)).toEqual(new Set(records));
    await room.house.logs.drained(20_000);
    const { total } = await room.house.logs.list(
      room.scope,
      { ids: [...new Set(records)] },
      { page: 1, size: 1, payload: false, count: true },
    );
    expect(total).toBe(40);
  });

  it('many senders of the same span at once leave one log', async () => {
    const trace = newTraceId();
    const ids = await Promise.all(Array.from({ length: 8 }, async () => (await room.take([shop([chat(trace)])])).records[0]));
    expect(new Set(ids).size).toBe(1);
    await room.house.logs.drained(20_000);
    expect(await room.house.logs.trace(room.scope, ids[0] as string)).toHaveLength(1);
  });

  it('protobuf and JSON, packed or not, under whatever name, leave the same log', async () => {
    const seen = [];
    for (const [as, type, packed] of [
      ['json', 'application/json', false],
      ['json', 'application/x-protobuf', false],
      ['protobuf', 'application/json', false],
      ['protobuf', 'application/x-protobuf', true],
      ['json', 'text/plain;charset=UTF-8', true],
    ] as const) {
      const trace = newTraceId();
      const groups = [shop([chat(trace)])];
      const body = as === 'json' ? Buffer.from(`\n ${JSON.stringify(jsonOfGroups(groups))}`) : protobufOfGroups(groups);
      const response = await room.send(packed ? gzipSync(body) : body, {
        'content-type': type,
        ...(packed ? { 'content-encoding': 'gzip' } : {}),
      });
      expect([response.status, type, as]).toEqual([200, type, as]);
      const { id: _id, metadata, traceId: _trace, traceParentId: _parent, at: _at, ...log } = await room.logOf(trace, spanId(2));
      seen.push({ ...log, metadata: { ...metadata, 'otel.trace_id': '' } });
    }
    for (const other of seen.slice(1)) expect(other).toEqual(seen[0]);
  });

  it('puts a span into the file that the application names', async () => {
    const trace = newTraceId();
    const named = chat(trace, {
      attributes: { ...chat(trace).attributes, 'humanloop.file.path': 'support/answer', 'humanloop.file.type': 'prompt' },
    });
    await room.take([shop([named])]);
    const snapshot = await room.house.files.get(room.scope, 'prompt', { path: 'support/answer' });
    const log = await room.logOf(trace, spanId(2));
    expect(log).toMatchObject({ fileId: snapshot.file.id, versionId: snapshot.version.id });
    expect(snapshot.version).toMatchObject({ status: 'committed', kernel: { model: 'gpt-4o', temperature: 0.5 } });
    const hotter = { ...named.attributes, 'gen_ai.request.temperature': 0.9 };
    await room.take([shop([{ ...named, spanId: spanId(3), attributes: hotter }])]);
    const other = await room.logOf(trace, spanId(3));
    expect(other.fileId).toBe(log.fileId);
    expect(other.versionId).not.toBe(log.versionId);
  });

  it('puts a span into the file that a rule names, the first that matches', async () => {
    await room.otlp.setRules(room.scope, [
      { when: [{ attribute: 'shop.customer', is: 'equal', value: 'nobody' }], path: 'never' },
      {
        when: [
          { attribute: 'gen_ai.request.model', is: 'starting', value: 'gpt-' },
          { attribute: 'shop.customer', is: 'present' },
        ],
        kind: 'prompt',
        path: 'ruled/{service.name}/{span.name}',
      },
    ]);
    const trace = newTraceId();
    await room.take([shop([root(trace), chat(trace)])]);
    const log = await room.logOf(trace, spanId(2));
    expect(log.fileId).toBe((await room.house.files.get(room.scope, 'prompt', { path: 'ruled/shop/chat gpt-4o' })).file.id);
    expect(await room.otlp.rules(room.scope)).toHaveLength(2);
    await expect(room.otlp.setRules(room.scope, [{ when: [{ attribute: 'a', is: 'equal' }], path: 'x' }])).rejects.toMatchObject({
      status: 422,
    });
    await room.otlp.setRules(room.scope, []);
  });

  it('a path that holds another kind costs no span', async () => {
    await room.house.files.upsert(room.scope, 'tool', { path: 'taken', kernel: {} });
    const trace = newTraceId();
    const named = chat(trace, {
      attributes: { ...chat(trace).attributes, 'humanloop.file.path': 'taken', 'humanloop.file.type': 'prompt' },
    });
    expect((await room.take([shop([named])])).partialSuccess).toBeUndefined();
    expect((await room.logOf(trace, spanId(2))).kind).toBe('prompt');
  });

  it('retrieval keeps documents, ids and scores, and a tool its arguments and result', async () => {
    const trace = newTraceId();
    const retriever: Written = {
      ...chat(trace),
      name: 'search',
      attributes: {
        'openinference.span.kind': 'RETRIEVER',
        'input.value': 'bikes',
        'retrieval.documents.0.document.id': 'd1',
        'retrieval.documents.0.document.score': 0.92,
        'retrieval.documents.0.document.content': 'A bike.',
        'retrieval.documents.1.document.id': 'd2',
      },
    };
    const tool: Written = {
      ...chat(trace),
      spanId: spanId(3),
      name: 'execute_tool weather',
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'weather',
        'gen_ai.tool.call.arguments': '{"city":"Paris"}',
        'gen_ai.tool.call.result': '{"t":20}',
      },
    };
    await room.take([shop([retriever, tool])]);
    const found = await room.logOf(trace, spanId(2));
    expect(found).toMatchObject({ kind: 'tool', inputs: { query: 'bikes' } });
    expect(JSON.parse(found.output ?? '')).toEqual([
      { id: 'd1', score: 0.92, content: 'A bike.' },
      { id: 'd2', score: null, content: null },
    ]);
    expect(await room.logOf(trace, spanId(3))).toMatchObject({ kind: 'tool', inputs: { city: 'Paris' }, output: '{"t":20}' });
  });

  it('keys of attributes are data, whatever they are called', async () => {
    const trace = newTraceId();
    const hostile = Object.fromEntries(
      ['__proto__.polluted', 'constructor.prototype.polluted', 'a.__proto__.polluted', 'humanloop.log.inputs.__proto__.polluted'].map(
        (key) => [key, 'yes'],
      ),
    );
    const attributes = {
      ...hostile,
      ['__proto__']: 'x',
      'humanloop.file.type': 'tool',
      'humanloop.file.path': 'hostile',
      'gen_ai.tool.call.arguments': '{"__proto__":{"polluted":"yes"}}',
    };
    Object.defineProperty(attributes, '__proto__', { value: 'own', enumerable: true });
    await room.take([shop([chat(trace, { attributes })])]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    const log = await room.logOf(trace, spanId(2));
    expect(log.metadata).toMatchObject({ '__proto__.polluted': 'yes', 'a.__proto__.polluted': 'yes' });
    expect(Object.getOwnPropertyNames(log.metadata)).toContain('__proto__');
  });

  it('an error of the span is the error of the log', async () => {
    const trace = newTraceId();
    const failed = chat(trace, { statusCode: 2, statusMessage: 'rate limited' });
    const thrown = chat(trace, {
      spanId: spanId(3),
      statusCode: 2,
      events: [{ name: 'exception', atMs: now, attributes: { 'exception.message': 'it broke' } }],
    });
    await room.take([shop([failed, thrown])]);
    expect(await room.logOf(trace, spanId(2))).toMatchObject({ status: 'error', error: 'rate limited' });
    expect(await room.logOf(trace, spanId(3))).toMatchObject({ status: 'error', error: 'it broke' });
  });
});
