import type { AnyObject } from '@whetstone/contract';
import { parseDocument, stringify } from 'yaml';
import { FormatError } from './format.ts';

/** Text of two parts: YAML between lines `---`, and a body that is kept to the letter. */

export function printFrontMatter(front: AnyObject, body: string | null): string {
  const yaml =
    Object.keys(front).length === 0 ? '' : stringify(front, { lineWidth: 0, version: '1.2', schema: 'core', aliasDuplicateObjects: false });
  return `---\n${yaml}---\n${body === null || body === '' ? '' : `${body}\n`}`;
}

export interface FrontMatter {
  front: AnyObject;
  body: string;
  /** Line on which the body starts, from 1. */
  bodyLine: number;
}

export function parseFrontMatter(source: string): FrontMatter {
  const lines = source.split('\n');
  const start = lines.findIndex((line) => line.trim() !== '');
  if (lines[start]?.trimEnd() !== '---')
    throw new FormatError(1, null, 'The file starts with a line `---`, then YAML, then another `---`.');
  const end = lines.findIndex((line, index) => index > start && line.trimEnd() === '---');
  if (end < 0) throw new FormatError(start + 1, null, 'The front matter is not closed by a line `---`.');
  const document = parseDocument(lines.slice(start + 1, end).join('\n'), {
    version: '1.2',
    schema: 'core',
    stringKeys: true,
    prettyErrors: true,
    logLevel: 'silent',
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const place = error.linePos?.[0];
    throw new FormatError(start + 1 + (place?.line ?? 1), place?.col ?? null, `Not valid YAML: ${error.message.split('\n')[0]}`);
  }
  const front: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
  if (typeof front !== 'object' || front === null || Array.isArray(front))
    throw new FormatError(start + 2, null, 'The front matter consists of lines `key: value`.');
  const body = lines.slice(end + 1).join('\n');
  return { front: front as AnyObject, body: body.endsWith('\n') ? body.slice(0, -1) : body, bodyLine: end + 2 };
}

/** Entries whose value says something, in the order given first, then in their own. */
export function stated(value: AnyObject, order: readonly string[] = []): AnyObject {
  const keys = [...order.filter((key) => key in value), ...Object.keys(value).filter((key) => !order.includes(key))];
  return Object.fromEntries(keys.flatMap((key) => (isNothing(value[key]) ? [] : [[key, value[key]]])));
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
