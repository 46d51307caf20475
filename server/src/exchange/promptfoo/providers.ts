import { posix } from 'node:path';
import { type AnyRecord, documentOf, isRecord, matching, textOf } from '../formats/documents.ts';
import type { Reading } from './promptfoo.ts';

/** A model with its parameters. */
export interface Provider {
  where: string;
  /** `openai:chat:gpt-4o`. */
  id: string;
  label: string;
  provider: string | null;
  model: string;
  parameters: AnyRecord;
  /** Labels of the prompts that it gets; null: all. */
  prompts: string[] | null;
}

/** Prefixes of promptfoo's, and what they are in our table of providers. */
const vendors: Record<string, string | undefined> = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  vertex: 'google',
  azure: 'azure',
  azureopenai: 'azure',
  mistral: 'mistral',
  cohere: 'cohere',
  bedrock: 'bedrock',
};
/** Between vendor and model stands how it is asked. */
const ways = /^(?:chat|responses|completion|completions|messages|converse|live|deployment)$/;
const noModels = /^(?:file|exec|python|golang|https?|wss?|webhook|browser|package|promptfoo|echo|mcp|sequence|manual-input|ruby)(?::|$)/;
/** Of the connection, not of the version: a key or an address in a file is no part of what a prompt is. */
const connection = new Set([
  'apiKey',
  'apiKeyEnvar',
  'apiHost',
  'apiBaseUrl',
  'organization',
  'headers',
  'cost',
  'inputCost',
  'outputCost',
]);

export async function readProviders(reading: Reading): Promise<Provider[]> {
  const given = reading.config['providers'] ?? reading.config['targets'] ?? [];
  const list = await listed(reading, given, reading.directory);
  return list.flatMap(({ where, value }) => providerOf(reading, where, value) ?? []);
}

async function listed(reading: Reading, given: unknown, directory: string): Promise<{ where: string; value: unknown }[]> {
  const all: { where: string; value: unknown }[] = [];
  for (const value of Array.isArray(given) ? given : [given]) {
    if (typeof value !== 'string' || !/^file:\/\/.*\.(?:ya?ml|json)$/.test(value)) {
      all.push({ where: reading.where, value });
      continue;
    }
    const paths = matching(reading.archive, directory, value.slice('file://'.length));
    if (paths.length === 0) reading.report.problem(reading.where, `provider ${value}`, 'The file is not in the export.');
    for (const path of paths) {
      const document = await documentOf(reading.archive, reading.report, path);
      const below = await listed({ ...reading, where: path }, document ?? [], posix.dirname(path));
      all.push(...below);
    }
  }
  return all;
}

function providerOf({ report }: Reading, where: string, value: unknown): Provider | null {
  const [id, options] = idOf(value);
  if (id === null) {
    report.problem(where, 'provider', 'It has no id.');
    return null;
  }
  if (noModels.test(id)) {
    report.problem(where, `provider ${id}`, 'It is a program or an address of yours, not a model.');
    return null;
  }
  const [first = '', ...rest] = id.split(':');
  const known = vendors[first.toLowerCase()];
  const model = (ways.test(rest[0] ?? '') ? rest.slice(1) : rest).join(':');
  if (known === undefined && rest.length > 0)
    report.problem(where, `provider ${id}`, `\`${first}\` is no provider here; set one, or make a credential of that name.`);
  const config = isRecord(options['config']) ? options['config'] : {};
  return {
    where,
    id,
    label: textOf(options['label']) ?? id,
    provider: rest.length === 0 ? null : (known ?? first.toLowerCase()),
    model: model === '' ? (rest.length === 0 ? id : (rest.at(-1) ?? id)) : model,
    parameters: Object.fromEntries(Object.entries(config).filter(([name]) => !connection.has(name))),
    prompts: Array.isArray(options['prompts']) ? options['prompts'].map(String) : null,
  };
}

/** A name; `{ id, config }`; or `{ NAME: { config } }`. */
function idOf(value: unknown): [string | null, AnyRecord] {
  if (typeof value === 'string') return [value, {}];
  if (!isRecord(value)) return [null, {}];
  const id = textOf(value['id']);
  if (id !== null) return [id, value];
  const [[name, options] = ['', null]] = Object.entries(value);
  return name === '' || !isRecord(options) ? [null, {}] : [textOf(options['id']) ?? name, { label: name, ...options }];
}
