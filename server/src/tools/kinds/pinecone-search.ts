import type { AnyObject } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';
import { countOf, objectOf, queryVector, requiredSetting, setting } from '../inputs.ts';
import { missingSecret, type Service } from '../secrets.ts';
import type { ToolKind } from './kind.ts';

const service: Service = { provider: 'pinecone', variable: 'PINECONE_API_KEY', hosts: ['pinecone.io'] };
const apiVersion = '2025-04';

/**
 * A query of a Pinecone index: input `query` (made a vector by `setup_values.embedding_model`) or `vector`;
 * `setup_values`: `host` of the index, `namespace`, `top_k`, `filter`.
 */
export const pineconeSearch: ToolKind = {
  type: 'pinecone_search',
  runs: true,
  origin: (setup) => originOf(hostOf(setting(setup, 'host', 'index_host', 'url') ?? '')),
  call: async (run) => {
    const host = hostOf(requiredSetting(run.setup, 'the host of the index', 'host', 'index_host', 'url'));
    const urlOf = (): string => `${host}/query`;
    const found = await run.secrets.service(run.setup, service, urlOf);
    if (found === null) throw missingSecret(service, 'Pinecone');
    const topK = countOf(run, ['top_k'], { usual: 5, most: 1000 });
    const filter = objectOf(run, 'filter');
    const namespace = setting(run.setup, 'namespace');
    const vector = await queryVector(run);
    const answer = await run.send({
      url: urlOf(),
      method: 'POST',
      headers: { 'api-key': found.secret, 'x-pinecone-api-version': apiVersion },
      body: {
        vector,
        topK,
        includeMetadata: true,
        includeValues: false,
        ...(namespace === null ? {} : { namespace }),
        ...(filter === null ? {} : { filter }),
      },
      privateAllowed: found.privateAllowed,
    });
    const matches = getOwn(answer.object(), 'matches');
    return JSON.stringify(Array.isArray(matches) ? matches.map(matchOf) : []);
  },
};

function matchOf(match: unknown): AnyObject {
  return { id: getOwn(match, 'id') ?? null, score: getOwn(match, 'score') ?? null, metadata: getOwn(match, 'metadata') ?? null };
}

/** People copy the host without its scheme, as Pinecone shows it. */
function hostOf(given: string): string {
  const text = given.replace(/\/+$/, '');
  return /^https?:\/\//i.test(text) || text === '' ? text : `https://${text}`;
}

export function originOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).origin : null;
}
