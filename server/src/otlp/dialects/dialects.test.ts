import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { Reader } from '../attributes.ts';
import { readSpan } from '../log-of.ts';
import { jsonOfGroups, protobufOfGroups } from '../test/spans.ts';
import { readJson } from '../wire/json.ts';
import { readProtobuf } from '../wire/protobuf.ts';
import type { Span } from '../wire/span.ts';
import { dialects } from './index.ts';

interface Case {
  name: string;
  dialect: string;
  span: {
    name: string;
    scope?: string;
    attributes: Record<string, unknown>;
    events?: { name: string; attributes: Record<string, unknown> }[];
  };
  reads: Record<string, unknown>;
  keeps?: string[];
  keepsEvents?: string[];
}
const { cases } = parse(readFileSync(new URL('../../../../spec/otlp-dialects.yaml', import.meta.url), 'utf8')) as { cases: Case[] };

const ids = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), startMs: 1_795_442_400_000, endMs: 1_795_442_400_001 };

function spanOf({ name, scope = 'test', attributes, events = [] }: Case['span'], as: 'json' | 'protobuf' = 'json'): Span {
  const groups = [{ scope, spans: [{ ...ids, name, attributes, events }] }];
  const { spans } = as === 'json' ? readJson(jsonOfGroups(groups)) : readProtobuf(protobufOfGroups(groups));
  return spans[0] as Span;
}

/** Null and absent are one. */
const said = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, each: unknown) => (each === undefined ? null : each))) as unknown;

describe('dialects of spans', () => {
  test.each(cases)('$dialect: $name', ({ dialect, span, reads, keeps, keepsEvents }) => {
    const read = spanOf(span);
    const reader = new Reader(read);
    const found = dialects.find((each) => each.recognises(reader));
    expect(found?.name).toBe(dialect);
    expect(said(found?.read(reader))).toMatchObject(reads);
    if (keeps) expect([...reader.rest().keys()].sort()).toEqual(keeps.toSorted());
    if (keepsEvents) expect(read.events.map(({ name }) => name)).toEqual(keepsEvents);
  });

  test.each(cases)('$dialect: $name, the same in protobuf', ({ span }) => {
    expect(readSpan(spanOf(span, 'protobuf'))).toEqual(readSpan(spanOf(span, 'json')));
  });

  it('every dialect has a case', () => {
    expect(dialects.map(({ name }) => name).filter((name) => !cases.some((each) => each.dialect === name))).toEqual([]);
  });

  const keys = fc.oneof(
    fc.constantFrom(
      ...cases.flatMap(({ span }) => Object.keys(span.attributes)),
      '__proto__',
      'humanloop.log.inputs.__proto__.x',
      'gen_ai.prompt.0.__proto__',
    ),
    fc.string(),
  );
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom('[{"role":1,"parts":{}}]', '[[[]]]', '{"__proto__":{"polluted":1}}', '[null]'),
  );
  const value = fc.oneof(
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.array(text, { maxLength: 3 }),
  );

  it('whatever the attributes are, a span is read, pollutes nothing, and its log is JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, value), { maxLength: 12 }), (pairs) => {
        const attributes = Object.create(null) as Record<string, unknown>;
        for (const [key, each] of pairs) attributes[key] = each;
        const read = readSpan(spanOf({ name: 'any', attributes }));
        expect(['prompt', 'tool', 'flow']).toContain(read.reading.kind);
        expect(typeof JSON.stringify([read.reading, read.metadata])).toBe('string');
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
        expect(({} as Record<string, unknown>)['x']).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});
