import type { AnyObject } from '@whetstone/contract';
import type { PlaygroundRequest } from './rerun.ts';
import { getOwn } from './text.ts';

/** "Copy as code": a request as a program that makes the same call with a published client. */

export type CodeLanguage = 'curl' | 'typescript' | 'python';
export interface CodeOptions {
  /** Origin of the server, without a path: `http://127.0.0.1:4400`. */
  baseUrl: string;
  language: CodeLanguage;
  /**
   * `humanloop` says everything of a request. `openai` names a saved version as its model; a request that was edited or
   * has no path is written for `humanloop` all the same.
   */
  client?: 'humanloop' | 'openai';
}

/** The program's text. The key comes from the environment variable `WHETSTONE_API_KEY`, never from the text. */
export function asCode(request: PlaygroundRequest, options: CodeOptions): string {
  const base = options.baseUrl.replace(/\/+$/, '');
  const saved = request.path !== null && !request.edited;
  return options.client === 'openai' && saved
    ? openaiCode(request, base, options.language)
    : humanloopCode(request, base, options.language);
}

function humanloopCode(request: PlaygroundRequest, base: string, language: CodeLanguage): string {
  const version: AnyObject = !request.edited && request.versionId !== null ? { version_id: request.versionId } : {};
  const body: AnyObject = {
    ...(request.path === null ? {} : { path: request.path }),
    ...(request.edited || request.path === null ? { prompt: request.kernel } : {}),
    ...callOf(request),
  };
  if (language === 'curl') {
    const query = Object.entries(version).map(([name, value]) => `?${name}=${encodeURIComponent(String(value))}`);
    return curl(`${base}/v5/prompts/call${query.join('')}`, 'X-API-KEY: ', body);
  }
  if (language === 'typescript') {
    return [
      "import { HumanloopClient } from 'humanloop';",
      '',
      `const client = new HumanloopClient({ apiKey: process.env.WHETSTONE_API_KEY!, baseUrl: ${JSON.stringify(`${base}/v5`)} });`,
      '',
      `const response = await client.prompts.call(${literal(camelRequest({ ...version, ...body }), 'typescript')});`,
      'console.log(response.logs?.[0]?.output);',
      '',
    ].join('\n');
  }
  return [
    'import os',
    '',
    'from humanloop import Humanloop',
    '',
    `client = Humanloop(api_key=os.environ["WHETSTONE_API_KEY"], base_url=${JSON.stringify(`${base}/v5`)})`,
    '',
    `response = client.prompts.call(\n${keywords({ ...version, ...body })})`,
    'print(response.logs[0].output)',
    '',
  ].join('\n');
}

function openaiCode(request: PlaygroundRequest, base: string, language: CodeLanguage): string {
  const at = request.versionId ?? request.environment;
  const { inputs, messages, tool_choice: toolChoice } = callOf(request);
  const body: AnyObject = {
    model: `prompt:${request.path}${at === null ? '' : `@${at}`}`,
    messages: messages ?? [],
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
  };
  if (language === 'curl')
    return curl(`${base}/v1/chat/completions`, 'Authorization: Bearer ', inputs === undefined ? body : { ...body, inputs });
  if (language === 'typescript') {
    const create = literal(body, 'typescript').replace(
      /\n\}$/,
      inputs === undefined
        ? '\n}'
        : `\n  // @ts-expect-error \`inputs\` is Whetstone's own\n  inputs: ${literal(inputs, 'typescript').replaceAll('\n', '\n  ')},\n}`,
    );
    return [
      "import OpenAI from 'openai';",
      '',
      `const client = new OpenAI({ apiKey: process.env.WHETSTONE_API_KEY!, baseURL: ${JSON.stringify(`${base}/v1`)} });`,
      '',
      `const completion = await client.chat.completions.create(${create});`,
      'console.log(completion.choices[0]?.message.content);',
      '',
    ].join('\n');
  }
  return [
    'import os',
    '',
    'from openai import OpenAI',
    '',
    `client = OpenAI(api_key=os.environ["WHETSTONE_API_KEY"], base_url=${JSON.stringify(`${base}/v1`)})`,
    '',
    `completion = client.chat.completions.create(\n${keywords(inputs === undefined ? body : { ...body, extra_body: { inputs } })})`,
    'print(completion.choices[0].message.content)',
    '',
  ].join('\n');
}

function callOf(request: PlaygroundRequest): AnyObject {
  return {
    ...(Object.keys(request.inputs).length === 0 ? {} : { inputs: request.inputs }),
    ...(request.messages.length === 0 ? {} : { messages: request.messages }),
    ...(request.toolChoice === null ? {} : { tool_choice: request.toolChoice }),
  };
}

/** The body goes in a here-document, in which the shell reads nothing: no line of JSON can be its end mark. */
function curl(url: string, header: string, body: AnyObject): string {
  return [
    `curl '${url.replaceAll("'", '%27')}' \\`,
    `  -H "${header}$WHETSTONE_API_KEY" \\`,
    "  -H 'Content-Type: application/json' \\",
    "  -d @- <<'JSON'",
    JSON.stringify(body, null, 2),
    'JSON',
    '',
  ].join('\n');
}

const ownKeys = /^(?:inputs|other|attributes|parameters|json_schema|metadata)$/;

/** Keys as the TypeScript client has them; JSON of the user's own keeps its keys. */
function camelRequest(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelRequest);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value).map((key) => {
      const item = getOwn(value, key);
      return [key.replace(/_([a-z])/g, (_found, letter: string) => letter.toUpperCase()), ownKeys.test(key) ? item : camelRequest(item)];
    }),
  );
}

function keywords(fields: AnyObject): string {
  return Object.entries(fields)
    .map(([name, value]) => `    ${name}=${literal(value, 'python').replaceAll('\n', '\n    ')},\n`)
    .join('');
}

/** A JSON value as a literal of the language. JSON's escapes in strings are those of both. */
function literal(value: unknown, language: 'typescript' | 'python'): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || value === undefined) return language === 'python' ? 'None' : 'null';
  if (typeof value === 'boolean') return language === 'python' ? (value ? 'True' : 'False') : String(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  const by = language === 'python' ? '    ' : '  ';
  const lines = Array.isArray(value)
    ? value.map((item) => literal(item, language))
    : Object.keys(value).map((key) => `${keyOf(key, language)}: ${literal(getOwn(value, key), language)}`);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (lines.length === 0) return `${open}${close}`;
  return `${open}\n${lines.map((line) => `${by}${line.replaceAll('\n', `\n${by}`)},\n`).join('')}${close}`;
}

function keyOf(key: string, language: 'typescript' | 'python'): string {
  if (language === 'python' || !/^[A-Za-z_$][\w$]*$/.test(key)) return JSON.stringify(key);
  // `__proto__: x` would set the prototype.
  return key === '__proto__' ? '["__proto__"]' : key;
}
