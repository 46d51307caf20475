import type { DBAdapter, DBTransactionAdapter, Where } from 'better-auth/adapters';
import { hashToken } from '../ground.ts';

type Adapter = DBTransactionAdapter;

/**
 * better-auth's store, but with session tokens hashed on their way in. What it reads by a token comes back with that token,
 * for it puts it into the cookie; what it lists comes back with hashes, which open nothing.
 */
export function hashingTokens(adapter: DBAdapter): DBAdapter {
  return {
    ...adapter,
    ...wrap(adapter),
    transaction: (work) => adapter.transaction((inner) => work({ ...inner, ...wrap(inner) })),
  };
}

function wrap(inner: Adapter): Omit<Adapter, 'id' | 'options' | 'createSchema'> {
  return {
    async create(input) {
      if (input.model !== 'session' || !hasToken(input.data)) return inner.create(input);
      const { token } = input.data;
      return withToken(await inner.create({ ...input, data: { ...input.data, token: hashToken(token) } }), token);
    },
    findOne: async (input) => withToken(await inner.findOne(hashed(input)), tokenOf(input)),
    findMany: (input) => inner.findMany(hashed(input)),
    count: (input) => inner.count(hashed(input)),
    update: async (input) => withToken(await inner.update(hashedUpdate(input)), tokenOf(input)),
    updateMany: (input) => inner.updateMany(hashedUpdate(input)),
    delete: (input) => inner.delete(hashed(input)),
    deleteMany: (input) => inner.deleteMany(hashed(input)),
    consumeOne: async (input) => withToken(await inner.consumeOne(hashed(input)), tokenOf(input)),
    incrementOne: (input) => inner.incrementOne(hashed(input)),
  };
}

interface Query {
  model: string;
  where?: Where[] | undefined;
}

function hashed<Q extends Query>(query: Q): Q {
  if (query.model !== 'session' || query.where === undefined) return query;
  return { ...query, where: query.where.map(hashedCondition) };
}

function hashedUpdate<Q extends Query & { update: Record<string, unknown> }>(query: Q): Q {
  const result = hashed(query);
  if (query.model !== 'session' || !hasToken(query.update)) return result;
  return { ...result, update: { ...query.update, token: hashToken(query.update.token) } };
}

function hashedCondition(condition: Where): Where {
  if (condition.field !== 'token') return condition;
  const { value } = condition;
  if (typeof value === 'string') return { ...condition, value: hashToken(value) };
  if (Array.isArray(value)) return { ...condition, value: value.map((token) => hashToken(String(token))) };
  return condition;
}

/** The token by which one session is looked for. */
function tokenOf(query: Query): string | undefined {
  if (query.model !== 'session') return undefined;
  const value = query.where?.find(({ field, operator = 'eq' }) => field === 'token' && operator === 'eq')?.value;
  return typeof value === 'string' ? value : undefined;
}

function withToken<T>(row: T, token: string | undefined): T {
  return token === undefined || row === null || typeof row !== 'object' ? row : { ...row, token };
}

function hasToken(data: object): data is { token: string } {
  return 'token' in data && typeof data.token === 'string';
}
