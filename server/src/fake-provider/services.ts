import type { Received } from './server.ts';

/** What tools call: Google's search, Pinecone, Chroma, and an address that tells what it got. Key for key as they answer. */
export interface ServiceAnswer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}
type Service = (url: URL, received: Received) => ServiceAnswer | null;

/** The key that every service refuses. */
const wrongKey = 'wrong-key';

const google: Service = (url) => {
  if (url.pathname !== '/customsearch/v1') return null;
  const query = url.searchParams;
  if (query.get('key') === wrongKey || query.get('key') === null) return { status: 400, body: googleError };
  const terms = query.get('q') ?? '';
  const count = Number(query.get('num') ?? 10);
  const found = terms === 'nothing' ? 0 : count;
  return {
    status: 200,
    body: {
      kind: 'customsearch#search',
      url: {
        type: 'application/json',
        template: 'https://www.googleapis.com/customsearch/v1?q={searchTerms}&num={count?}&start={startIndex?}&cx={cx?}&alt=json',
      },
      queries: {
        request: [
          {
            title: `Google Custom Search - ${terms}`,
            totalResults: String(found),
            searchTerms: terms,
            count: found,
            startIndex: 1,
            inputEncoding: 'utf8',
            outputEncoding: 'utf8',
            safe: 'off',
            cx: query.get('cx'),
          },
        ],
      },
      context: { title: 'Whetstone' },
      searchInformation: {
        searchTime: 0.21,
        formattedSearchTime: '0.21',
        totalResults: String(found),
        formattedTotalResults: String(found),
      },
      ...(found === 0
        ? {}
        : {
            items: Array.from({ length: found }, (_, i) => ({
              kind: 'customsearch#result',
              title: `Result ${i + 1} about ${terms}`,
              htmlTitle: `Result ${i + 1} about <b>${terms}</b>`,
              link: `https://example.com/${i + 1}`,
              displayLink: 'example.com',
              snippet: `What page ${i + 1} says about ${terms}.`,
              htmlSnippet: `What page ${i + 1} says about <b>${terms}</b>.`,
              formattedUrl: `https://example.com/${i + 1}`,
              htmlFormattedUrl: `https://example.com/${i + 1}`,
            })),
          }),
    },
  };
};

const googleError = {
  error: {
    code: 400,
    message: 'API key not valid. Please pass a valid API key.',
    errors: [{ message: 'API key not valid. Please pass a valid API key.', domain: 'global', reason: 'badRequest' }],
    status: 'INVALID_ARGUMENT',
    details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' }],
  },
};

const pinecone: Service = (url, { method, headers, json }) => {
  if (url.pathname !== '/query' || method !== 'POST') return null;
  if ((headers['api-key'] ?? wrongKey) === wrongKey)
    return { status: 401, body: { error: { code: 'UNAUTHENTICATED', message: 'Invalid API Key' }, status: 401 } };
  const vector = json['vector'];
  if (!Array.isArray(vector) || vector.length !== 8) {
    const size = Array.isArray(vector) ? vector.length : 0;
    return { status: 400, body: { code: 3, message: `Vector dimension ${size} does not match the dimension of the index 8`, details: [] } };
  }
  const matches = Array.from({ length: Math.min(Number(json['topK']), 2) }, (_, i) => ({
    id: `vec${i + 1}`,
    score: 0.9 - i / 10,
    values: [],
    ...(json['includeMetadata'] === true ? { metadata: { text: `Passage ${i + 1}`, page: i + 1 } } : {}),
  }));
  return { status: 200, body: { results: [], matches, namespace: json['namespace'] ?? '', usage: { readUnits: 6 } } };
};

const chromaPath = /^\/api\/v2\/tenants\/([^/]+)\/databases\/([^/]+)\/collections\/([^/]+)(\/query)?$/;
const chromaId = '3c0a4b1e-9a54-4a39-8a9c-2b6f0b6a7d11';

const chroma: Service = (url, { method, headers, json }) => {
  const found = chromaPath.exec(url.pathname);
  if (found === null) return null;
  if (headers['x-chroma-token'] === wrongKey) return { status: 401, body: { error: 'AuthError', message: 'Unauthorized' } };
  const [, tenant = '', database = '', name = '', query] = found;
  if (query === undefined) {
    if (decodeURIComponent(name) === 'absent')
      return { status: 404, body: { error: 'NotFoundError', message: 'Collection [absent] does not exist' } };
    return {
      status: 200,
      body: {
        id: chromaId,
        name: decodeURIComponent(name),
        configuration_json: { hnsw: { space: 'l2', ef_construction: 100, ef_search: 100, max_neighbors: 16 }, spann: null },
        metadata: null,
        dimension: 8,
        tenant,
        database,
        log_position: 0,
        version: 0,
      },
    };
  }
  if (method !== 'POST' || name !== chromaId)
    return { status: 404, body: { error: 'NotFoundError', message: `Collection [${name}] does not exist` } };
  const count = Math.min(Number(json['n_results'] ?? 10), 2);
  const column = <T>(make: (index: number) => T): T[][] => [Array.from({ length: count }, (_, i) => make(i))];
  const asked = Array.isArray(json['include']) ? (json['include'] as string[]) : [];
  const only = (key: string, value: unknown): unknown => (asked.includes(key) ? value : null);
  return {
    status: 200,
    body: {
      ids: column((i) => `doc${i + 1}`),
      embeddings: null,
      documents: only(
        'documents',
        column((i) => `Document ${i + 1}`),
      ),
      uris: null,
      metadatas: only(
        'metadatas',
        column((i) => ({ source: `page-${i + 1}` })),
      ),
      distances: only(
        'distances',
        column((i) => 0.25 + i),
      ),
      include: asked,
    },
  };
};

/** `/echo/…` tells what it got; `/echo/status/418` answers with that status, `/echo/redirect` sends on to `/echo/after`. */
const echo: Service = (url, { method, headers, body }) => {
  if (!url.pathname.startsWith('/echo')) return null;
  const status = /^\/echo\/status\/(\d{3})$/.exec(url.pathname)?.[1];
  if (url.pathname === '/echo/redirect') return { status: 302, body: {}, headers: { location: '/echo/after' } };
  if (status !== undefined) return { status: Number(status), body: { error: `as asked: ${status}` } };
  return { status: 200, body: { method, path: url.pathname + url.search, headers, body } };
};

const services: readonly Service[] = [google, pinecone, chroma, echo];

/** Null: it is no service but a provider of models. */
export function answerOfService(url: URL, received: Received): ServiceAnswer | null {
  for (const service of services) {
    const answer = service(url, received);
    if (answer !== null) return answer;
  }
  return null;
}
