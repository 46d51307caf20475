import type { AnyObject } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';
import { ToolFailure } from '../failure.ts';
import { countOf, objectOf, queryVector, requiredSetting, setting } from '../inputs.ts';
import type { Service, ServiceSecret } from '../secrets.ts';
import type { Run, ToolKind } from './kind.ts';
import { originOf } from './pinecone-search.ts';

const service: Service = { provider: 'chroma', variable: 'CHROMA_API_KEY', hosts: ['trychroma.com'] };

/**
 * A query of a Chroma collection (HTTP API v2): input `query` (made a vector by `setup_values.embedding_model`) or `vector`;
 * `setup_values`: `url`, `collection` (a name) or `collection_id`, `tenant`, `database`, `top_k`, `where`. A server of one's
 * own needs no key.
 */
export const chromaSearch: ToolKind = {
  type: 'chroma_search',
  runs: true,
  origin: (setup) => originOf(setting(setup, 'url', 'host') ?? ''),
  call: async (run) => {
    const base = requiredSetting(run.setup, 'the address of the server', 'url', 'host').replace(/\/+$/, '');
    const part = (text: string): string => encodeURIComponent(text);
    const tenant = setting(run.setup, 'tenant') ?? 'default_tenant';
    const database = setting(run.setup, 'database') ?? 'default_database';
    const collections = `${base}/api/v2/tenants/${part(tenant)}/databases/${part(database)}/collections`;
    const found = await run.secrets.service(run.setup, service, () => collections);
    const given = setting(run.setup, 'collection_id');
    const id =
      given ?? (await idOf(run, found, `${collections}/${part(requiredSetting(run.setup, 'the name of the collection', 'collection'))}`));
    const where = objectOf(run, 'where');
    const answer = await run.send({
      ...access(found),
      url: `${collections}/${part(id)}/query`,
      method: 'POST',
      body: {
        query_embeddings: [await queryVector(run)],
        n_results: countOf(run, ['top_k', 'n_results'], { usual: 5, most: 1000 }),
        include: ['documents', 'metadatas', 'distances'],
        ...(where === null ? {} : { where }),
      },
    });
    return JSON.stringify(rowsOf(answer.object()));
  },
};

function access(found: ServiceSecret | null): { headers: Record<string, string>; privateAllowed: boolean } {
  return found === null
    ? { headers: {}, privateAllowed: false }
    : { headers: { 'x-chroma-token': found.secret }, privateAllowed: found.privateAllowed };
}

async function idOf(run: Run, found: ServiceSecret | null, url: string): Promise<string> {
  const id = getOwn((await run.send({ ...access(found), url })).object(), 'id');
  if (typeof id === 'string' && id !== '') return id;
  throw new ToolFailure('Chroma answered with a collection that has no id.');
}

/** Chroma answers in columns, each a list for every query; there is one query. */
function rowsOf(answer: AnyObject): AnyObject[] {
  const column = (name: string): unknown[] => {
    const lists = getOwn(answer, name);
    const first: unknown = Array.isArray(lists) ? lists[0] : null;
    return Array.isArray(first) ? first : [];
  };
  const [documents, metadatas, distances] = [column('documents'), column('metadatas'), column('distances')];
  return column('ids').map((id, index) => ({
    id,
    document: documents[index] ?? null,
    metadata: metadatas[index] ?? null,
    distance: distances[index] ?? null,
  }));
}
