import type { AnyObject } from '@whetstone/contract';
import { textOf } from '../attributes.ts';
import type { Dialect } from './dialect.ts';
import { documentOf, retrieval } from './documents.ts';

const results = new Map([
  ['db.query.result', 'db.query.result.'],
  ['db.search.result', 'db.search.result.'],
]);

/** OpenLLMetry's instrumentations of vector databases: an event for each document that was found. */
export const vectorDatabaseDialect: Dialect = {
  name: 'vector_database',
  recognises: ({ span }) => span.events.some(({ name }) => results.has(name)),
  read(span) {
    const { events } = span.span;
    const documents = events.flatMap(({ name, attributes }) => {
      const prefix = results.get(name);
      return prefix === undefined ? [] : [documentOf(attributes, prefix)];
    });
    span.span.events = events.filter(({ name }) => !results.has(name));
    const asked: AnyObject = {};
    for (const [key, value] of span.span.attributes) {
      const short = /^db\.[a-z_]+\.(?:query|search)\.(.+)$/.exec(key)?.[1];
      if (short === undefined) continue;
      span.take(key);
      asked[short] = textOf(value);
    }
    const system = span.peek('db.system') ?? span.peek('db.system.name');
    return {
      kind: 'tool',
      tool: { function: { name: span.span.name }, ...(system === null ? {} : { attributes: { system } }) },
      log: retrieval(null, documents, asked),
    };
  },
};
