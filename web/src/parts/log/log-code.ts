import type { LogResponse } from '@whetstone/contract';
import { fileOf } from '../logs/log-file.ts';

export type CodeLanguage = 'curl' | 'typescript' | 'python';

/** The call of a log as code against the gateway. The key is left to the environment. */
export function logCode(log: LogResponse, language: CodeLanguage, url = window.location.origin): string {
  const file = fileOf(log);
  const version = file.draft || log.environment !== null ? (log.environment === null ? '' : `@${log.environment}`) : `@${file.versionId}`;
  const body = { model: `prompt:${file.path}${version}`, messages: [], ...(log.inputs && Object.keys(log.inputs).length > 0 ? { inputs: log.inputs } : {}), ...(log.user === null ? {} : { user: log.user }) };
  const json = JSON.stringify(body, null, 2);
  if (language === 'curl') {
    return `curl ${url}/v1/chat/completions \\\n  -H "authorization: Bearer $WHETSTONE_API_KEY" \\\n  -H "content-type: application/json" \\\n  -d '${json.replaceAll("'", `'\\''`)}'`;
  }
  if (language === 'typescript') {
    return `import OpenAI from 'openai';\n\nconst client = new OpenAI({ baseURL: '${url}/v1', apiKey: process.env.WHETSTONE_API_KEY });\n\nconst answer = await client.chat.completions.create(${json} as never);\nconsole.log(answer.choices[0].message.content);`;
  }
  const { inputs, ...known } = body as typeof body & { inputs?: unknown };
  const args = Object.entries(known).map(([key, value]) => `    ${key}=${python(value)},`);
  if (inputs !== undefined) args.push(`    extra_body={"inputs": ${python(inputs)}},`);
  return `import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url="${url}/v1", api_key=os.environ["WHETSTONE_API_KEY"])\n\nanswer = client.chat.completions.create(\n${args.join('\n')}\n)\nprint(answer.choices[0].message.content)`;
}

/** A JSON value as a Python literal. */
function python(value: unknown): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object') return `{${Object.entries(value as object).map(([key, inner]) => `${JSON.stringify(key)}: ${python(inner)}`).join(', ')}}`;
  return JSON.stringify(value);
}
