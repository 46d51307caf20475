import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** The v5 contract as others wrote it down, and what of an answer does not keep to it. */

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, unknown> }> }>>;
}

const document = JSON.parse(readFileSync(new URL('../../spec/humanloop-v5.json', import.meta.url), 'utf8')) as Document;
// Formats that are no strings, such as those of floats, say nothing more than the type.
const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true, logger: false });
formats.default(ajv);
ajv.addSchema(document, 'v5');
const compiled = new Map<string, ValidateFunction | null>();

/** `GET /prompts/{id}` and all others, in the document's own spelling. */
export const operations: readonly { method: string; path: string; success: string[] }[] = Object.entries(document.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => ({
      method: method.toUpperCase(),
      path,
      success: Object.entries(responses).flatMap(([status, { content }]) =>
        status.startsWith('2') ? (status === '204' && content !== undefined ? ['200', '204'] : [status]) : [],
      ),
    })),
);
const known = new Map(operations.map(({ method, path }) => [`${method} ${shape(path)}`, path]));

/** Names of placeholders are nobody's business. */
export function shape(path: string): string {
  return path.replaceAll(/\{\w+\}|:\w+/g, '{}');
}

/**
 * What is wrong with an answer; null when it is in order, or when the operation is none of v5's.
 * @param route below `/v5`, with placeholders
 */
export function violation(method: string, route: string, status: number, type: string, payload: unknown): string | null {
  const path = known.get(`${method} ${shape(route)}`);
  if (path === undefined) return null;
  if (type.startsWith('text/event-stream')) return null;
  const text = typeof payload === 'string' ? payload : '';
  if (status === 204) return text === '' ? null : 'an answer without content has some';
  if (!type.startsWith('application/json')) return status === 200 && type.startsWith('text/plain') ? null : `is ${type || 'of no type'}`;
  const body: unknown = JSON.parse(text);
  if (status >= 400 && status !== 422) return hasDetail(body) ? null : 'an error has no detail';
  const validate = validatorOf(method, path, status);
  if (validate === null) return `the status ${status} is none of the operation’s`;
  if (!validate(body)) {
    const [error] = validate.errors ?? [];
    return `${error?.instancePath ?? ''} ${error?.message ?? 'does not fit'} ${JSON.stringify(error?.params)}`;
  }
  return status < 400 ? fileProblem(body, '') : null;
}

/** What is wrong with a value that the contract has a schema of; null when it is in order. Streams are made of such. */
export function schemaProblem(name: string, value: unknown): string | null {
  const validate = compiled.get(name) ?? ajv.compile({ $ref: `v5#/components/schemas/${name}` });
  compiled.set(name, validate);
  if (validate(value)) return fileProblem(value, '');
  const [error] = validate.errors ?? [];
  return `${error?.instancePath ?? ''} ${error?.message ?? 'does not fit'} ${JSON.stringify(error?.params)}`;
}

function hasDetail(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'detail' in body && body.detail !== null && body.detail !== '';
}

function validatorOf(method: string, path: string, status: number): ValidateFunction | null {
  const key = `${method} ${path} ${status}`;
  let validate = compiled.get(key);
  if (validate === undefined) {
    const responses = document.paths[path]?.[method.toLowerCase()]?.responses ?? {};
    // Two operations of the document have a 204 with a body, which HTTP has not.
    const named = status === 200 && responses['204']?.content !== undefined ? '204' : String(status);
    const content = responses[named]?.content;
    const pointer = ['paths', path, method.toLowerCase(), 'responses', named, 'content', 'application/json', 'schema'];
    validate = content?.['application/json'] === undefined ? null : ajv.compile({ $ref: `v5#/${pointer.map(escaped).join('/')}` });
    compiled.set(key, validate);
  }
  return validate;
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

const kinds = new Set(['prompt', 'tool', 'dataset', 'evaluator', 'flow', 'agent']);
const statuses = new Set(['committed', 'uncommitted', 'deleted']);

/** Strict clients tell files apart by `type`, and older ones need `status` on every one: the document asks for neither. */
function fileProblem(value: unknown, place: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if ('version_id' in value && 'path' in value && 'last_used_at' in value) {
    if (!('type' in value) || !kinds.has(String(value.type))) return `${place} is a file without its type`;
    if (!('status' in value) || !statuses.has(String(value.status))) return `${place} is a file without its status`;
  }
  for (const [key, inner] of Object.entries(value)) {
    const problem = fileProblem(inner, `${place}/${key}`);
    if (problem !== null) return problem;
  }
  return null;
}
