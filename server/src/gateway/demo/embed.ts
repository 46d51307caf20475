import type { AnyObject } from '@whetstone/contract';
import { asNumber } from '../wire/read.ts';
import { estimateTokens } from '../wire/tokens.ts';
import { Dice } from './dice.ts';
import { demoEmbedding } from './models.ts';
import { stems } from './words.ts';

/** Simulated embeddings: texts that share words lie close together, and the same text lies always in the same place. */
export function embed(body: AnyObject): AnyObject {
  const input = body['input'];
  const texts =
    typeof input === 'string' ? [input] : Array.isArray(input) ? (input.every((item) => typeof item === 'number') ? [input] : input) : [''];
  const size = Math.min(Math.max(1, asNumber(body['dimensions']) ?? 256), 4096);
  const base64 = body['encoding_format'] === 'base64';
  const data = texts.map((text: unknown, index) => {
    const vector = vectorOf(typeof text === 'string' ? text : JSON.stringify(text), size);
    const embedding = base64 ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector;
    return { object: 'embedding', index, embedding };
  });
  const tokens = texts.reduce<number>(
    (sum, text: unknown) => sum + (typeof text === 'string' ? estimateTokens(text) : Array.isArray(text) ? text.length : 1),
    0,
  );
  return { object: 'list', data, model: demoEmbedding, usage: { prompt_tokens: tokens, total_tokens: tokens }, simulated: true };
}

function vectorOf(text: string, size: number): number[] {
  const vector = Array.from({ length: size }, () => 0);
  for (const word of [text.slice(0, 2000), ...stems(text).slice(0, 500)]) {
    const dice = new Dice(`embedding ${word}`);
    for (let i = 0; i < size; i++) vector[i] = (vector[i] ?? 0) + dice.next() - 0.5;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => Math.round((value / length) * 1e6) / 1e6);
}
