import type { AnyObject } from '@whetstone/contract';
import { getOwn } from '@whetstone/domain';
import { jsonOf, numberOf, plain, textOf } from '../attributes.ts';
import type { Attributes } from '../wire/span.ts';
import { textOrNull } from './messages.ts';

/** A document that was retrieved. */
export interface Retrieved {
  id: string | null;
  score: number | null;
  content: string | null;
  metadata?: unknown;
}

/** What a retrieval found, as a tool log's output: a list, best first as it was sent. */
export function retrieval(query: string | null, documents: readonly Retrieved[], more: AnyObject = {}) {
  const inputs: AnyObject = { ...(query === null ? {} : { query }), ...more };
  return { inputs: Object.keys(inputs).length === 0 ? null : inputs, output: JSON.stringify(documents) };
}

/** Documents that arrived as a list of objects. */
export function documentsIn(given: unknown): Retrieved[] {
  if (!Array.isArray(given)) return [];
  return given.map((each: unknown) => {
    if (typeof each === 'string') return { id: null, score: null, content: each };
    const metadata = getOwn(each, 'metadata');
    return {
      id: idOf(getOwn(each, 'id')),
      score: numberOf(getOwn(each, 'score') ?? getOwn(each, 'relevance_score')),
      content: textOrNull(getOwn(each, 'content') ?? getOwn(each, 'page_content') ?? getOwn(each, 'text')),
      ...(metadata === undefined ? {} : { metadata }),
    };
  });
}

/** One document that arrived as attributes of their own: `PREFIXid`, `PREFIXscore`, `PREFIXcontent`, `PREFIXmetadata`. */
export function documentOf(attributes: Attributes, prefix: string): Retrieved {
  const metadata = attributes.get(`${prefix}metadata`);
  const content = attributes.get(`${prefix}content`) ?? attributes.get(`${prefix}document`) ?? attributes.get(`${prefix}entity`);
  return {
    id: idOf(plain(attributes.get(`${prefix}id`) ?? null)),
    score: numberOf(attributes.get(`${prefix}score`) ?? attributes.get(`${prefix}distance`)),
    content: content === undefined ? null : textOf(content),
    ...(metadata === undefined ? {} : { metadata: jsonOf(metadata) ?? plain(metadata) }),
  };
}

function idOf(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : textOrNull(value);
}
