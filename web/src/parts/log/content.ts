import type { ChatMessage, ContentPart, LogResponse } from '@whetstone/contract';

/** The parts of a message, whatever form its content has. */
export function partsOf(content: ChatMessage['content']): ContentPart[] {
  if (content === null || content === undefined || content === '') return [];
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

/** The text of a message without its images. */
export function textOf(message: ChatMessage): string {
  return partsOf(message.content)
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n');
}

/** What the model answered, as messages to show below those it was given. */
export function answerOf(log: LogResponse): ChatMessage[] {
  if (log.output_message) return [log.output_message];
  return log.output ? [{ role: 'assistant', content: log.output }] : [];
}

export interface RetrievedDocument {
  id: string | null;
  title: string | null;
  text: string;
  score: number | null;
}

const lists = ['documents', 'docs', 'context', 'contexts', 'results', 'matches', 'chunks', 'passages', 'sources', 'retrieved', 'articles'];

/** Documents that were retrieved, when inputs or an output hold a list of them: objects with a text, or texts under a telling name. */
export function documentsIn(value: unknown): RetrievedDocument[] {
  const object = typeof value === 'string' ? parseJson(value) : value;
  if (Array.isArray(object)) return object.map(documentOf).filter((one) => one !== null);
  if (!isObject(object)) return [];
  return lists.flatMap((name) => {
    const inner = typeof object[name] === 'string' ? parseJson(object[name]) : object[name];
    return Array.isArray(inner) ? inner.map(documentOf).filter((one) => one !== null) : [];
  });
}

function documentOf(value: unknown): RetrievedDocument | null {
  if (!isObject(value)) return null;
  const nested = isObject(value.document) ? value.document : isObject(value.metadata) ? { ...value.metadata, ...value } : value;
  const text = firstText(nested, ['text', 'content', 'page_content', 'body', 'chunk', 'passage', 'snippet']);
  if (text === null) return null;
  const score = [value.score, value.similarity, value.relevance, nested.score].find((one) => typeof one === 'number');
  return {
    id: firstText(value, ['id', 'document_id', 'doc_id']),
    title: firstText(nested, ['title', 'name', 'source', 'url', 'path']),
    text,
    score: score ?? null,
  };
}
function firstText(object: Record<string, unknown>, names: string[]): string | null {
  for (const name of names) {
    const value = object[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}
function parseJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
