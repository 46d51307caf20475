import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { kernelSchemas } from '@whetstone/contract';
import type { AnyObject, FileKind, Kernels } from '@whetstone/contract';
import { base62, versionPrefixes } from './ids.ts';
import { getOwn, setOwn, stableJson } from './text.ts';

/** A version is named by its content: what a kernel says once nulls and documented defaults are dropped. */

/** Documented defaults: a kernel that states them says nothing more than one that does not. */
export const kernelDefaults: Record<FileKind, Readonly<Record<string, unknown>>> = (() => {
  const model = {
    provider: 'openai',
    endpoint: 'chat',
    template_language: 'default',
    max_tokens: -1,
    temperature: 1,
    top_p: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
  };
  return { prompt: model, agent: model, tool: {}, dataset: {}, flow: {}, evaluator: {} };
})();

/** Fields whose empty list, object or text means the same as their absence. */
const emptyIsAbsent = new Set(['template', 'stop', 'tools', 'linked_tools', 'attributes', 'other', 'setup_values', 'options']);

/**
 * The content of a kernel in one form: known fields only, nulls and defaults dropped. Inside JSON of the user's own
 * (attributes, schemas, setup values) everything is kept, nulls too. Extra keys of an API answer are ignored, so a file
 * response may be given as well.
 */
export function canonicalKernel<K extends FileKind>(kind: K, kernel: Kernels[K]): AnyObject {
  const content: AnyObject = {};
  for (const field of Object.keys(kernelSchemas[kind].shape)) {
    const value = canonicalField(field, getOwn(kernel, field));
    if (value !== undefined && value !== kernelDefaults[kind][field]) content[field] = value;
  }
  return content;
}

/** SHA-256 in hex of the canonical content. Colour and diff use it; a version is found again by (file, content hash). */
export function contentHash<K extends FileKind>(kind: K, kernel: Kernels[K]): string {
  return bytesToHex(sha256(utf8ToBytes(stableJson(canonicalKernel(kind, kernel)))));
}

/** A version's id, unique in the workspace: prefix and 21 base62 characters of SHA-256 over file id and content hash. */
export function versionId(prefix: string, fileId: string, hash: string): string {
  return prefix + base62(sha256(utf8ToBytes(`${fileId}\n${hash}`))).slice(0, 21);
}

/** Content hash and id of a kernel in one go. */
export function identifyVersion<K extends FileKind>(kind: K, fileId: string, kernel: Kernels[K]): { id: string; contentHash: string } {
  const hash = contentHash(kind, kernel);
  return { id: versionId(versionPrefixes[kind], fileId, hash), contentHash: hash };
}

/** A message as stored: nulls dropped, empty lists of calls or thoughts too. */
export function canonicalMessage(message: object): AnyObject {
  const clean = withoutNulls(message);
  for (const field of ['tool_calls', 'thinking']) {
    const list = clean[field];
    if (!Array.isArray(list)) continue;
    if (list.length === 0) delete clean[field];
    else clean[field] = list.map((item) => (field === 'tool_calls' ? canonicalToolCall(item) : withoutNulls(item)));
  }
  const content = clean['content'];
  if (Array.isArray(content)) clean['content'] = content.map(canonicalPart);
  return clean;
}

function canonicalField(field: string, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (emptyIsAbsent.has(field) && isEmpty(value)) return undefined;
  if (Object.is(value, -0)) return 0;
  if (field === 'template' && Array.isArray(value)) return value.map(canonicalMessage);
  if (field === 'tools' && Array.isArray(value)) return value.map(canonicalTool);
  if (field === 'function' || field === 'response_format') return withoutNulls(value);
  if (field === 'spec') return canonicalSpec(value);
  return value;
}

function canonicalSpec(spec: unknown): AnyObject {
  const content: AnyObject = {};
  for (const [field, value] of Object.entries(withoutNulls(spec))) {
    if (field === 'arguments_type' && value === 'target_free') continue;
    if (field === 'language' && value === 'python') continue;
    if (field === 'prompt') content[field] = canonicalKernel('prompt', value as Kernels['prompt']);
    else if (field === 'options' && Array.isArray(value) && value.length > 0) content[field] = value.map(withoutNulls);
    else if (field === 'number_limits') {
      const limits = withoutNulls(value);
      if (!isEmpty(limits)) content[field] = limits;
    } else {
      const kept = canonicalField(field, value);
      if (kept !== undefined) setOwn(content, field, kept);
    }
  }
  return content;
}

/** A function of a prompt, or an agent's tool: nulls are dropped down to the function and the link, not in its schema. */
function canonicalTool(tool: unknown): unknown {
  const clean = withoutNulls(tool);
  for (const field of ['json_schema', 'link']) if (clean[field] !== undefined) clean[field] = withoutNulls(clean[field]);
  // What the tool has tells its type.
  if (clean['type'] === (clean['link'] === undefined ? 'inline' : 'file')) delete clean['type'];
  return clean;
}

function canonicalToolCall(call: unknown): AnyObject {
  const clean = withoutNulls(call);
  if (clean['type'] === 'function') delete clean['type'];
  if (clean['function'] !== undefined) clean['function'] = withoutNulls(clean['function']);
  return clean;
}

function canonicalPart(part: unknown): AnyObject {
  const clean = withoutNulls(part);
  if (clean['image_url'] !== undefined) clean['image_url'] = withoutNulls(clean['image_url']);
  return clean;
}

function withoutNulls(value: unknown): AnyObject {
  const clean: AnyObject = {};
  if (typeof value !== 'object' || value === null) return clean;
  for (const key of Object.keys(value)) {
    const item = getOwn(value, key);
    if (item !== null && item !== undefined) setOwn(clean, key, item);
  }
  return clean;
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
