import { AppError, type AnyObject } from '@whetstone/contract';
import { renderError, renderTemplate, resolveVariable, valueText, variables as namesIn } from '@whetstone/domain';
import { invalidInput, objectOf, requiredSetting, setting } from '../inputs.ts';
import { longestTimeoutMs } from '../request.ts';
import type { Run, ToolKind } from './kind.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const environment = 'env.';
/** Those that the connection itself decides. */
const reservedHeaders = new Set(['host', 'content-length', 'connection', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'expect']);

/**
 * One HTTP request. `setup_values`: `url`, `method`, `headers`, `query`, `body`, `credential`, `timeout_ms`, all with
 * `{{input}}` and `{{env.NAME}}`. Inputs that none of them names go into the query, or as JSON into the body of a method
 * that has one. The answer's text is the output.
 */
export const getApiCall: ToolKind = {
  type: 'get_api_call',
  runs: true,
  origin: (setup) => fixedOrigin(setting(setup, 'url') ?? ''),
  call: async (run) => {
    const { setup } = run;
    const template = requiredSetting(setup, 'the address to call', 'url');
    const origin = fixedOrigin(template);
    const values = { ...run.inputs, env: await environmentOf(run, origin) };
    const method = methodOf(setup);
    const url = new URL(urlOf(template, origin, values));
    for (const [name, value] of Object.entries(objectOf({ inputs: {}, setup }, 'query') ?? {}))
      url.searchParams.set(name, fill(textOf(value), values));
    const headers = headersOf(setup, values);
    const credential = await credentialHeader(run, origin, headers);
    let body = bodyOf(setup['body'], values);
    const rest = unnamed(run);
    if (method === 'GET' || method === 'DELETE')
      for (const [name, value] of Object.entries(rest)) url.searchParams.set(name, valueText(value));
    else if (body === undefined && Object.keys(rest).length > 0) body = rest;
    const answer = await run.send({
      url: url.href,
      method,
      headers: { ...headers, ...credential.headers },
      body: body === undefined ? null : typeof body === 'string' ? body : (body as AnyObject),
      privateAllowed: credential.privateAllowed,
      timeoutMs: timeoutOf(setup),
    });
    return answer.text;
  },
};

/** The origin that a template's own text fixes; null when inputs decide it. */
function fixedOrigin(template: string): string | null {
  const found = /^https?:\/\/[^/?#{}\s]+(?=[/?#]|$)/i.exec(template);
  return found !== null && URL.canParse(found[0]) ? new URL(found[0]).origin : null;
}

async function environmentOf(run: Run, origin: string | null): Promise<Record<string, string>> {
  const names = textsOf(run.setup).flatMap((text) => namesIn(text));
  const wanted = new Set(names.filter((name) => name.startsWith(environment)).map((name) => name.slice(environment.length)));
  return wanted.size === 0 ? {} : Object.fromEntries(await run.secrets.variables([...wanted], origin));
}

function methodOf(setup: AnyObject): (typeof methods)[number] {
  const given = (setting(setup, 'method') ?? 'GET').toUpperCase();
  const method = methods.find((known) => known === given);
  if (method === undefined) throw new AppError('bad_request', `\`setup_values.method\` is one of ${methods.join(', ')}.`);
  return method;
}

/** Where the origin is fixed, an input fills in a piece of the path or query and can never become another one. */
function urlOf(template: string, origin: string | null, values: AnyObject): string {
  const filled = origin === null ? fill(template, values) : fill(template, encoded(template, values));
  if (!URL.canParse(filled)) throw new AppError('bad_request', 'The address of the tool, with its inputs filled in, is no URL.');
  if (origin !== null && new URL(filled).origin !== origin)
    throw new AppError('bad_request', 'The inputs would turn the tool to another address.');
  return filled;
}

/** What the address names, ready to stand in it. */
function encoded(template: string, values: AnyObject): AnyObject {
  return Object.fromEntries(
    namesIn(template).flatMap((name): [string, string][] => {
      const value = resolveVariable(values, name);
      if (value === undefined) return [];
      const text = valueText(value);
      if (/^\.{1,2}$/.test(text)) throw invalidInput(name, 'may not be a step up in the path');
      return [[name, encodeURIComponent(text)]];
    }),
  );
}

function headersOf(setup: AnyObject, values: AnyObject): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(objectOf({ inputs: {}, setup }, 'headers') ?? {})) {
    const lower = name.toLowerCase();
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(lower) || reservedHeaders.has(lower))
      throw new AppError('bad_request', `\`setup_values.headers\` may not have \`${name}\`.`);
    const text = fill(textOf(value), values);
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text))
      throw new AppError('bad_request', `The header \`${name}\`, with its inputs filled in, has characters that no header may have.`);
    headers[lower] = text;
  }
  return headers;
}

async function credentialHeader(
  run: Run,
  origin: string | null,
  headers: Record<string, string>,
): Promise<{ headers: Record<string, string>; privateAllowed: boolean }> {
  const name = setting(run.setup, 'credential');
  if (name === null) return { headers: {}, privateAllowed: false };
  const { secret, privateAllowed } = await run.secrets.credential(name, origin);
  const header = (setting(run.setup, 'credential_header') ?? 'authorization').toLowerCase();
  if (headers[header] !== undefined)
    throw new AppError('bad_request', `The tool sets the header \`${header}\` twice: by \`headers\` and by \`credential\`.`);
  return { headers: { [header]: header === 'authorization' ? `Bearer ${secret}` : secret }, privateAllowed };
}

/** JSON with its texts filled in; a text that is one variable and nothing else takes its value, number or object as it is. */
function bodyOf(body: unknown, values: AnyObject): unknown {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return fill(body, values);
  return deepFill(body, values);
}

function deepFill(value: unknown, values: AnyObject): unknown {
  if (typeof value === 'string') {
    const single = /^\{\{\s*([^{}\s"'()]+)\s*\}\}$/.exec(value)?.[1];
    const whole = single === undefined ? undefined : resolveVariable(values, single);
    return whole ?? fill(value, values);
  }
  if (Array.isArray(value)) return value.map((item) => deepFill(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deepFill(item, values)]));
}

/** Inputs that no setting names. */
function unnamed({ inputs, setup }: Run): AnyObject {
  const named = new Set(
    textsOf(setup)
      .flatMap((text) => namesIn(text))
      .map((name) => /^[^.[]+/.exec(name)?.[0] ?? name),
  );
  return Object.fromEntries(Object.entries(inputs).filter(([name, value]) => !named.has(name) && value !== null && value !== undefined));
}

function timeoutOf(setup: AnyObject): number {
  const given = Number(setting(setup, 'timeout_ms') ?? Number.NaN);
  return Number.isFinite(given) && given > 0 ? Math.min(given, longestTimeoutMs) : longestTimeoutMs / 2;
}

function fill(text: string, values: AnyObject): string {
  const rendered = renderTemplate(text, values);
  if (!rendered.ok) throw renderError(rendered);
  return rendered.value;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : valueText(value ?? null);
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
