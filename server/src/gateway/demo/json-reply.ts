import type { AnyObject } from '@whetstone/contract';
import { setOwn } from '@whetstone/domain';
import { asList, asNumber, asObject, asText } from '../wire/read.ts';
import type { Reading } from './reply.ts';
import { textReply } from './text-reply.ts';
import { overlap, stems } from './words.ts';

const maxDepth = 12;

/** A simulated value for a JSON schema; without one, an object with the answer in it. */
export function jsonReply(reading: Reading, schema: AnyObject | null): unknown {
  if (schema === null) return { answer: textReply(reading) };
  return valueFor(reading, schema, schema, 'answer', 0);
}

/** A value of the schema, filled from what was said: shared by structured output and tool arguments. */
export function valueFor(reading: Reading, schema: AnyObject, root: AnyObject, name: string, depth: number): unknown {
  const wanted = resolveReference(schema, root);
  if (wanted['const'] !== undefined) return wanted['const'];
  const options = asList(wanted['enum']);
  if (options.length > 0) return chosen(reading, options, name);
  const alternative = asObject([...asList(wanted['anyOf']), ...asList(wanted['oneOf'])][0]) ?? asObject(asList(wanted['allOf'])[0]);
  if (alternative !== null && depth < maxDepth) return valueFor(reading, alternative, root, name, depth + 1);
  const type = Array.isArray(wanted['type']) ? asText(wanted['type'][0]) : asText(wanted['type']);
  if (type === 'object' || (type === null && wanted['properties'] !== undefined)) {
    const value: AnyObject = {};
    const properties = asObject(wanted['properties']) ?? {};
    if (depth < maxDepth) {
      for (const key of Object.keys(properties))
        setOwn(value, key, valueFor(reading, asObject(properties[key]) ?? {}, root, key, depth + 1));
    }
    return value;
  }
  if (type === 'array') {
    const items = asObject(wanted['items']) ?? {};
    const least = asNumber(wanted['minItems']) ?? 1;
    return depth < maxDepth
      ? Array.from({ length: Math.min(Math.max(1, least), 20) }, () => valueFor(reading, items, root, name, depth + 1))
      : [];
  }
  if (type === 'boolean') return reading.dice.chance(0.35 + reading.model.quality / 3);
  if (type === 'integer' || type === 'number') return numberFor(reading, wanted, name, type === 'integer');
  if (type === 'null') return null;
  return stringFor(reading, wanted, name);
}

function resolveReference(schema: AnyObject, root: AnyObject): AnyObject {
  const reference = asText(schema['$ref']);
  if (reference === null || !reference.startsWith('#/')) return schema;
  let value: unknown = root;
  for (const step of reference.slice(2).split('/')) value = asObject(value)?.[step];
  return asObject(value) ?? {};
}

function chosen(reading: Reading, options: readonly unknown[], name: string): unknown {
  const words = new Set(stems(reading.question));
  const scored = options
    .map((option) => ({ option, score: overlap(words, String(option).replaceAll('_', ' ')) }))
    .sort((a, b) => b.score - a.score);
  const best = scored[0];
  if (best !== undefined && best.score > 0 && reading.dice.chance(reading.model.quality)) return best.option;
  if (/sentiment|tone|mood/i.test(name)) {
    const negative = /\b(not|never|broken|bad|angry|terrible|refund|cancel|wrong|late|frustrat)/i.test(reading.question);
    const fitting = options.find((option) => (negative ? /neg|bad|angry/i : /pos|good|happy|neutral/i).test(String(option)));
    if (fitting !== undefined && reading.dice.chance(reading.model.quality)) return fitting;
  }
  return reading.dice.pick(options as [unknown, ...unknown[]]);
}

function numberFor(reading: Reading, schema: AnyObject, name: string, whole: boolean): number {
  const least = asNumber(schema['minimum']);
  const most = asNumber(schema['maximum']);
  const said = /-?\d+(?:\.\d+)?/.exec(reading.question)?.[0];
  let value: number;
  if (/confidence|probability/i.test(name)) value = Math.round((0.4 + reading.model.quality * 0.5 + reading.dice.next() * 0.1) * 100) / 100;
  else if (said !== undefined && !/score|rating/i.test(name)) value = Number(said);
  else value = (least ?? 1) + Math.floor(reading.dice.next() * ((most ?? (least ?? 1) + 4) - (least ?? 1) + 1));
  const held = Math.min(Math.max(value, least ?? -1e9), most ?? 1e9);
  return whole ? Math.round(held) : held;
}

function stringFor(reading: Reading, schema: AnyObject, name: string): string {
  const { question } = reading;
  const format = asText(schema['format']);
  const key = name.toLowerCase();
  if (format === 'date' || /date|day$/.test(key)) return /\d{4}-\d{2}-\d{2}/.exec(question)?.[0] ?? '2026-01-15';
  if (format === 'date-time') return '2026-01-15T09:00:00Z';
  if (format === 'email' || key.includes('email')) return /[\w.+-]+@[\w-]+\.[\w.]+/.exec(question)?.[0] ?? 'customer@example.com';
  if (/(^|_)(id|number|code)$|order/.test(key)) return /#?([A-Z]{0,4}-?\d[\w-]{2,})/.exec(question)?.[1] ?? 'unknown';
  if (/city|location|place|country|destination/.test(key))
    return /\b(?:in|to|from|for|at|near)\s+((?:[A-Z][\p{L}-]+)(?:\s[A-Z][\p{L}-]+)?)/u.exec(question)?.[1] ?? 'Paris';
  if (/name/.test(key)) return /\b(?:I am|I'm|name is|this is)\s+([A-Z]\p{L}+)/u.exec(question)?.[1] ?? 'unknown';
  if (/query|question|search|text|input|prompt/.test(key)) return question.trim().slice(0, 200);
  if (/reason|explanation|why|rationale/.test(key)) return 'This follows from what the customer wrote.';
  return textReply(reading).slice(0, asNumber(schema['maxLength']) ?? 600);
}
