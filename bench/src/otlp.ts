import { randomFillSync } from 'node:crypto';
import { Pool } from 'undici';
import { type Group, jsonOfGroups, protobufOfGroups, type Written } from '../../server/src/otlp/test/spans.ts';
import { apiKey, cpuSeconds, familyOf, makeData, startWhetstone } from './processes.ts';
import type { Figure } from './report.ts';

const tracesPerBatch = 10;
const spansPerTrace = 10;
const connections = 16;
const warmUpSeconds = 2;

const words = 'return bike delivery frame battery warranty invoice parcel saddle brake wheel charge motor size order refund workshop'.split(
  ' ',
);
const textOf = (seed: number, length: number): string =>
  Array.from({ length }, (_, n) => words[(seed * 7 + n * n) % words.length]).join(' ');
const message = (role: string, content: string): object => ({ role, parts: [{ type: 'text', content }] });

/** A request to an assistant: the handler, a retrieval, a tool, and seven calls of a model with 1.5 KB of messages each. */
function traceOf(traceId: string, at: number, seed: number): Written[] {
  const id = (n: number): string => n.toString(16).padStart(16, '0');
  const child = (n: number, name: string, attributes: Record<string, unknown>): Written => ({
    traceId,
    spanId: id(n),
    parentId: id(1),
    name,
    attributes,
    startMs: at + n,
    endMs: at + n + 350,
    kind: 3,
  });
  return [
    ...Array.from({ length: spansPerTrace - 3 }, (_, n) =>
      child(n + 4, 'chat gpt-4o', {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.request.temperature': 0.2,
        'gen_ai.input.messages': JSON.stringify([message('system', textOf(seed, 60)), message('user', textOf(seed + n, 80))]),
        'gen_ai.output.messages': JSON.stringify([message('assistant', textOf(seed + n + 1, 80))]),
        'gen_ai.usage.input_tokens': 180 + n,
        'gen_ai.usage.output_tokens': 90 + n,
        'gen_ai.response.finish_reasons': ['stop'],
        'user.id': `user-${seed}`,
        'session.id': `session-${seed}`,
      }),
    ),
    child(2, 'search', {
      'openinference.span.kind': 'RETRIEVER',
      'input.value': textOf(seed, 12),
      'retrieval.documents.0.document.id': 'd1',
      'retrieval.documents.0.document.score': 0.9,
      'retrieval.documents.0.document.content': textOf(seed, 60),
    }),
    child(3, 'execute_tool stock', {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'stock',
      'gen_ai.tool.call.arguments': '{"sku":"B-7"}',
      'gen_ai.tool.call.result': '{"left":3}',
    }),
    { traceId, spanId: id(1), name: 'POST /ask', startMs: at, endMs: at + 900, kind: 2, attributes: { 'http.request.method': 'POST' } },
  ];
}

/** A batch that is encoded once, with the places of its trace ids, so that the sender spends nothing on making the next. */
class Batch {
  readonly #template: Buffer;
  readonly #places: { trace: number; at: number }[] = [];
  readonly #hex: boolean;

  constructor(encoding: 'protobuf' | 'json', at: number) {
    this.#hex = encoding === 'json';
    const ids = Array.from({ length: tracesPerBatch }, (_, n) => Buffer.alloc(16, 0xa0 + n));
    const groups: Group[] = [
      { resource: { 'service.name': 'assistant' }, spans: ids.flatMap((id, n) => traceOf(id.toString('hex'), at, n)) },
    ];
    this.#template = encoding === 'json' ? Buffer.from(JSON.stringify(jsonOfGroups(groups))) : protobufOfGroups(groups);
    for (const [trace, id] of ids.entries()) {
      const sought = this.#hex ? Buffer.from(id.toString('hex')) : id;
      for (let place = this.#template.indexOf(sought); place >= 0; place = this.#template.indexOf(sought, place + sought.length))
        this.#places.push({ trace, at: place });
    }
    if (this.#places.length !== tracesPerBatch * spansPerTrace) throw new Error('the batch does not hold the spans that it should');
  }

  /** The same spans in traces that nobody has seen. */
  next(): Buffer {
    const body = Buffer.from(this.#template);
    const ids = randomFillSync(Buffer.allocUnsafe(16 * tracesPerBatch));
    for (const { trace, at } of this.#places) {
      if (this.#hex) body.write(ids.toString('hex', trace * 16, trace * 16 + 16), at, 'latin1');
      else ids.copy(body, at, trace * 16, trace * 16 + 16);
    }
    return body;
  }
}

async function sendFor(url: string, batch: Batch, contentType: string, seconds: number): Promise<number> {
  const pool = new Pool(url, { connections });
  let counting = false;
  let spans = 0;
  const until = performance.now() + (seconds + warmUpSeconds) * 1000;
  const sender = async (): Promise<void> => {
    while (performance.now() < until) {
      const headers = { 'content-type': contentType, 'x-api-key': apiKey };
      const response = await pool.request({ path: '/v1/traces', method: 'POST', headers, body: batch.next() });
      const answer = await response.body.text();
      if (response.statusCode !== 200 || answer.includes('rejected')) throw new Error(`${response.statusCode} ${answer}`);
      if (counting) spans += tracesPerBatch * spansPerTrace;
    }
  };
  setTimeout(() => (counting = true), warmUpSeconds * 1000);
  await Promise.all(Array.from({ length: connections }, sender));
  await pool.close();
  return spans / seconds;
}

/** Spans acknowledged durable by one process, in batches of 100 with messages. */
export async function benchOtlp(quick: boolean): Promise<Figure[]> {
  const data = makeData();
  const seconds = quick ? 4 : 15;
  const whetstone = await startWhetstone(data.dir);
  try {
    const at = Date.now();
    const before = cpuSeconds([whetstone.pid]);
    const protobuf = await sendFor(whetstone.url, new Batch('protobuf', at), 'application/x-protobuf', seconds);
    const spent = cpuSeconds([whetstone.pid]) - before;
    const json = await sendFor(whetstone.url, new Batch('json', at), 'application/json', seconds);
    const note = `one process, ${connections} connections, batches of ${tracesPerBatch * spansPerTrace}`;
    return [
      {
        suite: 'otlp',
        name: 'spans in protobuf acknowledged durable',
        value: protobuf,
        unit: '/s',
        bound: { op: '>=', value: 5_000 },
        note,
      },
      { suite: 'otlp', name: 'spans in JSON acknowledged durable', value: json, unit: '/s', bound: { op: '>=', value: 3_000 }, note },
      {
        suite: 'otlp',
        name: 'processor time of the server for 1,000 spans in protobuf',
        value: (spent / ((seconds + warmUpSeconds) * protobuf)) * 1e6,
        unit: 'ms',
        note: `engines beside: ${familyOf(whetstone.pid).length - 1} processes`,
      },
    ];
  } finally {
    await whetstone.stop();
    data.remove();
  }
}
