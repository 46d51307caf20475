import type { AnyObject } from '@whetstone/contract';
import type { ChatChunk } from '../wire/chat.ts';
import { asList, asObject, asText, parseJson } from '../wire/read.ts';
import { type Dialect, type StreamDecoder, StreamFailure } from './dialect.ts';
import { readCommonError } from './errors.ts';

const paths = { chat: '/chat/completions', complete: '/completions', embeddings: '/embeddings' } as const;

/** OpenAI's own shape: requests and answers are handed through. */
export const openaiDialect: Dialect = {
  id: 'openai',
  kinds: ['chat', 'complete', 'embeddings'],
  version: null,
  severalSamples: true,
  encode: (call) => ({
    path: paths[call.kind],
    headers: { 'content-type': 'application/json', accept: call.stream ? 'text/event-stream' : 'application/json' },
    body: JSON.stringify(call.body),
  }),
  authorise: (secret): Record<string, string> => (secret === '' ? {} : { authorization: `Bearer ${secret}` }),
  decode(_kind, body) {
    const answer = asObject(body);
    if (answer === null) throw new Error('The provider answered with something other than a JSON object.');
    return answer;
  },
  streaming: () => new OpenaiStream(),
  readError: readCommonError,
  listModels: {
    path: '/models',
    read: (body) => {
      const rows = Array.isArray(body) ? body : asList(asObject(body)?.['data']);
      return rows.flatMap((row) => asText(asObject(row)?.['id']) ?? []);
    },
  },
};

class OpenaiStream implements StreamDecoder {
  done = false;

  event(data: string, name: string): ChatChunk[] {
    if (data.trimEnd() === '[DONE]') {
      this.done = true;
      return [];
    }
    const chunk: AnyObject | null = asObject(parseJson(data));
    if (chunk === null) throw new Error(`The provider sent a piece of its stream that is not JSON: ${data.slice(0, 120)}`);
    // `error: null` is sent by some servers on good chunks.
    if ((chunk['error'] !== undefined && chunk['error'] !== null) || name === 'error') throw new StreamFailure(readCommonError(500, data));
    return [chunk as unknown as ChatChunk];
  }
}
