import type { AnyObject } from '@whetstone/contract';
import { asList } from '../wire/read.ts';
import { estimateTokens } from '../wire/tokens.ts';
import type { DecodeContext } from './dialect.ts';

/** Vectors as OpenAI's list of embeddings. Where the provider does not count what it embeds (`tokens` null), it is estimated. */
export function embeddingList(vectors: readonly unknown[], tokens: number | null, { model, request }: DecodeContext): AnyObject {
  const base64 = request['encoding_format'] === 'base64';
  const data = vectors.map((vector, index) => {
    const values = asList(vector).filter((item): item is number => typeof item === 'number');
    return { object: 'embedding', index, embedding: base64 ? Buffer.from(Float32Array.from(values).buffer).toString('base64') : values };
  });
  const counted =
    tokens ?? [request['input']].flat().reduce<number>((sum, text) => sum + estimateTokens(typeof text === 'string' ? text : ''), 0);
  return {
    object: 'list',
    data,
    model,
    usage: { prompt_tokens: counted, total_tokens: counted },
    ...(tokens === null ? { estimated_usage: true } : {}),
  };
}

/** What is to be embedded, where only text will do. */
export function textsOf(body: AnyObject, provider: string): string[] {
  return [body['input']].flat().map((text: unknown) => {
    if (typeof text !== 'string') throw new Error(`${provider} embeds text, not token numbers.`);
    return text;
  });
}
