import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxBodyBytes, openOtlp, protobufOfGroups, type OtlpHouse } from './test/room.ts';
import { jsonOfGroups, newTraceId, spanId, type Group, type Written } from './test/spans.ts';

const good = (traceId: string, n = 1): Written => ({ traceId, spanId: spanId(n), startMs: 1_795_442_400_000, endMs: 1_795_442_400_100 });
const group = (...spans: Written[]): Group[] => [{ spans }];
const asJson = { 'content-type': 'application/json' };
const asProtobuf = { 'content-type': 'application/x-protobuf' };

describe('bad input over OTLP', () => {
  let room: OtlpHouse;
  let flushFails = false;
  beforeAll(async () => {
    room = await openOtlp({
      beforeFlush: async () => {
        if (flushFails) throw new Error('ENOSPC: no space left on device');
      },
    });
  });
  afterAll(() => room.close());

  /** Status, code and message of a refusal, in whichever encoding it came. */
  async function refusal(response: Response): Promise<{ status: number; code: number; message: string }> {
    const bytes = Buffer.from(await response.arrayBuffer());
    if (response.headers.get('content-type')?.includes('json'))
      return { status: response.status, ...(JSON.parse(bytes.toString()) as { code: number; message: string }) };
    const reader = protobuf.Reader.create(bytes);
    const read = { status: response.status, code: 0, message: '' };
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag >>> 3 === 1) read.code = reader.int32();
      else read.message = reader.string();
    }
    return read;
  }

  it('401 and 403 tell why in the shape of a Status', async () => {
    expect(await refusal(await room.send('{}', { ...asJson, 'x-role': 'nobody' }))).toMatchObject({ status: 401, code: 16 });
    expect(await refusal(await room.send('{}', { ...asJson, 'x-role': 'viewer' }))).toMatchObject({
      status: 403,
      code: 7,
      message: expect.stringContaining('`log`'),
    });
    expect((await room.send('{}', { ...asJson, 'x-role': 'gateway' })).status).toBe(200);
  });

  it('400 for what is cut off, at whatever byte, in both encodings', async () => {
    const whole = protobufOfGroups(group(good(newTraceId()), good(newTraceId())));
    const json = Buffer.from(JSON.stringify(jsonOfGroups(group(good(newTraceId())))));
    for (let length = 1; length < whole.length; length += 7) {
      expect(await refusal(await room.send(whole.subarray(0, length), asProtobuf))).toMatchObject({
        status: 400,
        code: 3,
        message: expect.stringContaining('protobuf'),
      });
    }
    for (const length of [1, 20, json.length - 1]) {
      expect(await refusal(await room.send(json.subarray(0, length), asJson))).toMatchObject({ status: 400, code: 3 });
    }
  });

  it('400 for what is neither, and for JSON that is something else', async () => {
    for (const body of ['hello', '[]', '{"resourceSpans":{}}', '{"resourceSpans":[{"scopeSpans":[{"spans":3}]}]}', '\ufeff{', '{"a":']) {
      expect([(await refusal(await room.send(body, asJson))).status, body]).toEqual([400, body]);
    }
    expect((await refusal(await room.send(Buffer.from([0xff, 0xfe, 0x00]), asProtobuf))).status).toBe(400);
    expect((await refusal(await room.send(Buffer.from('{"a":"\xff"}', 'latin1'), asJson))).message).toContain('UTF-8');
  });

  it('400 for messages that claim a terabyte', async () => {
    const claims = [
      Buffer.from([0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]),
      Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]),
      Buffer.from([0x0a, 0x06, 0x12, 0xff, 0xff, 0xff, 0xff, 0x07]),
    ];
    for (const body of claims) expect((await refusal(await room.send(body, asProtobuf))).status).toBe(400);
  });

  it('413 for a bomb, before it has exploded, and 400 for damaged gzip', async () => {
    const packed = { ...asJson, 'content-encoding': 'gzip' };
    const bomb = gzipSync(Buffer.alloc(100 << 20));
    expect(await refusal(await room.send(bomb, packed))).toMatchObject({ status: 413, code: 8 });
    expect((await refusal(await room.send(gzipSync(bomb), packed))).status).toBe(400);
    const whole = gzipSync(JSON.stringify(jsonOfGroups(group(good(newTraceId())))));
    expect((await refusal(await room.send(whole.subarray(0, 40), packed))).message).toContain('gzip');
    expect((await refusal(await room.send('{}', packed))).status).toBe(400);
    expect((await refusal(await room.send('{}', { ...asJson, 'content-encoding': 'br' }))).status).toBe(415);
    expect((await refusal(await room.send('x'.repeat(maxBodyBytes + 1), asJson))).status).toBe(413);
  });

  it('413 for more spans than a request may hold', async () => {
    const empty = Buffer.from([0x12, 0x00]);
    const scope = Buffer.concat(Array.from({ length: 20_001 }, () => empty));
    const head = protobuf.Writer.create();
    head.uint32(0x0a).fork().uint32(0x12).bytes(scope).ldelim();
    expect((await refusal(await room.send(Buffer.from(head.finish()), asProtobuf))).status).toBe(413);
  });

  it('spans that are wrong are counted with the reason, and the good ones beside them are kept', async () => {
    const traceId = newTraceId();
    const bad: Written[] = [
      { ...good(traceId, 2), traceId: 'abcd' },
      { ...good(traceId, 3), spanId: '00'.repeat(8) },
      { ...good(traceId, 4), spanId: 'ab'.repeat(12) },
      { ...good(traceId, 5), parentId: 'abcdef' },
      { ...good(traceId, 6), attributes: { deep: Array.from({ length: 40 }).reduce((inner) => [inner], 'x') } },
      { ...good(traceId, 7), attributes: Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`a${i}`, i])) },
    ];
    for (const encode of [(groups: Group[]) => Buffer.from(JSON.stringify(jsonOfGroups(groups))), protobufOfGroups]) {
      const first = newTraceId();
      const response = await fetch(`${room.url}/v1/traces`, {
        method: 'POST',
        body: encode(group(good(first), ...bad, good(first, 9))) as unknown as string,
      });
      expect(response.status).toBe(200);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(bytes.toString('latin1')).toContain('the trace id must have 16 bytes');
      if (bytes[0] === 0x7b) expect(JSON.parse(bytes.toString())).toMatchObject({ partialSuccess: { rejectedSpans: '6' } });
      else expect(bytes.includes(Buffer.from([0x08, 6, 0x12]))).toBe(true);
      await room.logOf(first, spanId(1));
      await room.logOf(first, spanId(9));
    }
  });

  it('an attribute of ten megabytes is refused alone where the limit lets it in, and long ones below that are kept', async () => {
    const wide = await openWide(room);
    const traceId = newTraceId();
    const big = { ...good(traceId, 2), attributes: { blob: 'x'.repeat(10 << 20) } };
    const long = { ...good(traceId, 3), attributes: { note: 'y'.repeat(300_000) } };
    const { refused, records } = await wide(protobufOfGroups(group(good(traceId), big, long)));
    expect(refused).toEqual([expect.stringContaining('larger than 8 MB')]);
    expect(records).toHaveLength(2);
    expect((await room.logOf(traceId, spanId(3))).providerRequest).toEqual({ attributes: { note: 'y'.repeat(300_000) } });
  });

  it('a field of the wrong type costs its span alone', async () => {
    const traceId = newTraceId();
    const mistyped = {
      ...(jsonOfGroups(group(good(traceId, 2))) as { resourceSpans: { scopeSpans: { spans: object[] }[] }[] }).resourceSpans[0]!
        .scopeSpans[0]!.spans[0],
    };
    const body = jsonOfGroups(group(good(traceId))) as { resourceSpans: { scopeSpans: { spans: object[] }[] }[] };
    body.resourceSpans[0]!.scopeSpans[0]!.spans.push(
      { ...mistyped, name: 3 },
      { ...mistyped, attributes: 'none' },
      { ...mistyped, startTimeUnixNano: 'soon' },
      7 as unknown as object,
    );
    const response = await room.send(JSON.stringify(body), asJson);
    expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '4' } });
    await room.logOf(traceId, spanId(1));
  });

  it('text that stores cannot hold is replaced and flagged, and what is not UTF-8 costs its span', async () => {
    const traceId = newTraceId();
    const odd = { ...good(traceId), attributes: { nul: 'a\0b', lone: '\ud800' } };
    expect((await room.send(JSON.stringify(jsonOfGroups(group(odd))), asJson)).status).toBe(200);
    expect(await room.logOf(traceId, spanId(1))).toMatchObject({ textRepaired: true, metadata: { nul: 'a\u2400b', lone: '\ufffd' } });
    const body = protobufOfGroups(group({ ...good(traceId, 2), name: 'ABCDEFGH' }, good(traceId, 3)));
    body[body.indexOf('ABCDEFGH')] = 0xff;
    const response = await room.send(body, asProtobuf);
    expect(Buffer.from(await response.arrayBuffer()).toString('latin1')).toContain('UTF-8');
    await room.logOf(traceId, spanId(3));
  });

  it('random bytes and damaged requests never bring it down', async () => {
    const whole = protobufOfGroups(group({ ...good(newTraceId()), attributes: { a: 'text', b: [1, { c: 2.5 }] } }));
    const damaged = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, value]) => {
      const copy = Buffer.from(whole);
      copy[at] = value;
      return copy;
    });
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      damaged,
      fc.json().map((json) => Buffer.from(json)),
    );
    await fc.assert(
      fc.asyncProperty(any, fc.constantFrom(asJson, asProtobuf), async (body, headers) => {
        expect([200, 400, 413]).toContain((await room.send(body, headers)).status);
      }),
      { numRuns: 150 },
    );
  });

  it('503 with a time to come again while nothing can be kept', async () => {
    const traceId = newTraceId();
    const body = protobufOfGroups(group(good(traceId)));
    flushFails = true;
    const response = await room.send(body, asProtobuf);
    flushFails = false;
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refusal(response)).toMatchObject({ code: 14 });
  });
});

/** Past the door, whose own limit is lower in this test. */
async function openWide(room: OtlpHouse) {
  await room.reopen({ maxBodyBytes: 64 << 20 });
  return (body: Buffer) => room.otlp.accept(room.scope, { body, contentType: 'application/x-protobuf', contentEncoding: undefined });
}
