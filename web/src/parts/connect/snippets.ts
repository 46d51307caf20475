/** Programs to copy: they run as they are, with the key, the URL and the prompt of the viewer. */

export type Snippet = 'curl' | 'openai-ts' | 'openai-py' | 'humanloop-ts' | 'humanloop-py';
export const snippets = [
  { value: 'curl', label: 'curl' },
  { value: 'openai-ts', label: 'TypeScript, openai' },
  { value: 'openai-py', label: 'Python, openai' },
  { value: 'humanloop-ts', label: 'TypeScript, humanloop' },
  { value: 'humanloop-py', label: 'Python, humanloop' },
] as const satisfies { value: Snippet; label: string }[];

export interface SnippetFacts {
  /** Origin of the server, without a slash at its end. */
  url: string;
  key: string;
  /** Path of the prompt to call; null when there is none yet. */
  path: string | null;
  /** Names of its variables. */
  inputs: readonly string[];
}

export function snippet(kind: Snippet, facts: SnippetFacts): string {
  return makers[kind](facts);
}

const hello = 'Hello from my application';

function model(path: string | null): string {
  return path === null ? 'demo-fast' : `prompt:${path}`;
}

/** Values for the variables, the first of them a greeting. */
function values(inputs: readonly string[]): [string, string][] {
  return inputs.map((name, at) => [name, at === 0 ? hello : '…']);
}

/** A prompt with variables takes its text from them; without, the message is the text. */
function says(facts: SnippetFacts): boolean {
  return facts.path === null || facts.inputs.length === 0;
}

function object(entries: [string, string][], indent: string): string {
  return entries.length === 0
    ? '{}'
    : `{\n${entries.map(([name, value]) => `${indent}  ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(',\n')}\n${indent}}`;
}

const makers: Record<Snippet, (facts: SnippetFacts) => string> = {
  curl: (facts) => {
    const fields = [
      `  "model": ${JSON.stringify(model(facts.path))}`,
      says(facts) ? `  "messages": [{ "role": "user", "content": "${hello}" }]` : '  "messages": []',
    ];
    if (facts.inputs.length > 0) fields.push(`  "inputs": ${object(values(facts.inputs), '  ')}`);
    return `curl ${facts.url}/v1/chat/completions \\\n  -H "Authorization: Bearer ${facts.key}" \\\n  -H "Content-Type: application/json" \\\n  -d '{\n${fields.join(',\n')}\n}'`;
  },
  'openai-ts': (facts) => {
    const fields = [
      `  model: ${JSON.stringify(model(facts.path))},`,
      says(facts) ? `  messages: [{ role: 'user', content: '${hello}' }],` : '  messages: [],',
    ];
    if (facts.inputs.length > 0)
      fields.push('  // @ts-expect-error: variables of the prompt, read by Whetstone', `  inputs: ${object(values(facts.inputs), '  ')},`);
    return `import OpenAI from 'openai';\n\nconst openai = new OpenAI({\n  baseURL: '${facts.url}/v1',\n  apiKey: '${facts.key}',\n});\n\nconst answer = await openai.chat.completions.create({\n${fields.join('\n')}\n});\nconsole.log(answer.choices[0].message.content);`;
  },
  'openai-py': (facts) => {
    const fields = [
      `    model=${JSON.stringify(model(facts.path))},`,
      says(facts) ? `    messages=[{"role": "user", "content": "${hello}"}],` : '    messages=[],',
    ];
    if (facts.inputs.length > 0) fields.push(`    extra_body={"inputs": ${object(values(facts.inputs), '    ')}},`);
    return `from openai import OpenAI\n\nclient = OpenAI(base_url="${facts.url}/v1", api_key="${facts.key}")\n\nanswer = client.chat.completions.create(\n${fields.join('\n')}\n)\nprint(answer.choices[0].message.content)`;
  },
  'humanloop-ts': (facts) => {
    const fields = [
      facts.path === null ? `  path: 'first/prompt',\n  prompt: { model: 'demo-fast' },` : `  path: ${JSON.stringify(facts.path)},`,
    ];
    if (says(facts)) fields.push(`  messages: [{ role: 'user', content: '${hello}' }],`);
    if (facts.inputs.length > 0) fields.push(`  inputs: ${object(values(facts.inputs), '  ')},`);
    return `import { HumanloopClient } from 'humanloop';\n\nconst client = new HumanloopClient({\n  baseUrl: '${facts.url}/v5',\n  apiKey: '${facts.key}',\n});\n\nconst answer = await client.prompts.call({\n${fields.join('\n')}\n});\nconsole.log(answer.logs[0].output);`;
  },
  'humanloop-py': (facts) => {
    const fields = [
      facts.path === null ? `    path="first/prompt",\n    prompt={"model": "demo-fast"},` : `    path=${JSON.stringify(facts.path)},`,
    ];
    if (says(facts)) fields.push(`    messages=[{"role": "user", "content": "${hello}"}],`);
    if (facts.inputs.length > 0) fields.push(`    inputs=${object(values(facts.inputs), '    ')},`);
    return `from humanloop import Humanloop\n\nclient = Humanloop(base_url="${facts.url}/v5", api_key="${facts.key}")\n\nanswer = client.prompts.call(\n${fields.join('\n')}\n)\nprint(answer.logs[0].output)`;
  },
};
