import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { asCode } from './as-code.ts';
import type { CodeOptions } from './as-code.ts';
import type { PlaygroundRequest } from './rerun.ts';

const nasty = `it's "quoted" $HOME \`id\` \\ \n' JSON\nJSON\n{{x}} é 👩‍👧`;
const request: PlaygroundRequest = {
  kernel: {
    model: 'gpt-4o',
    max_tokens: 5,
    response_format: { type: 'json_schema', json_schema: { max_items: null, ok: true } },
    template: [{ role: 'user', content: '{{q}}' }],
  },
  inputs: { q: nasty, some_key: { inner_key: [1, null, false] } },
  messages: [{ role: 'tool', tool_call_id: 'c1', content: nasty }],
  toolChoice: null,
  counterfactualOf: 'log_1',
  path: 'a b/c',
  fileId: 'pr_1',
  versionId: 'prv_1',
  environment: null,
  edited: false,
};
const code = (language: CodeOptions['language'], client: CodeOptions['client'], more: Partial<PlaygroundRequest> = {}) =>
  asCode({ ...request, ...more }, { baseUrl: 'http://127.0.0.1:4400/', language, ...(client === undefined ? {} : { client }) });

/** What the shell hands to curl: its arguments and its standard input. */
function runShell(text: string): { args: string[]; body: unknown } {
  const show = `curl() { for a in "$@"; do printf '%s\\0' "$a"; done; printf '\\1'; cat; }\n`;
  const run = spawnSync('sh', ['-c', show + text], {
    input: '',
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', WHETSTONE_API_KEY: 'k' },
  });
  expect(run.stderr).toBe('');
  const [args = '', body = ''] = run.stdout.split('\u0001');
  return { args: args.split('\0').slice(0, -1), body: JSON.parse(body) };
}

/** The argument of the one call, with the client replaced. */
async function runTypeScript(text: string): Promise<unknown> {
  const call = /\.(?:call|create)\((\{[\s\S]*\})\);\nconsole/.exec(text)?.[1] ?? '';
  const module: unknown = await import(`data:text/javascript,${encodeURIComponent(`export default ${call}`)}`);
  return (module as { default: unknown }).default;
}

describe('a request as code', () => {
  test('curl: a saved version by its id, and text that the shell does not touch', () => {
    const { args, body } = runShell(code('curl', 'humanloop'));
    expect(args).toEqual([
      'http://127.0.0.1:4400/v5/prompts/call?version_id=prv_1',
      '-H',
      'X-API-KEY: k',
      '-H',
      'Content-Type: application/json',
      '-d',
      '@-',
    ]);
    expect(body).toEqual({ path: 'a b/c', inputs: request.inputs, messages: request.messages });
  });

  test('curl: an edited kernel is sent itself', () => {
    const { args, body } = runShell(code('curl', 'openai', { edited: true, inputs: {}, messages: [] }));
    expect(args[0]).toBe('http://127.0.0.1:4400/v5/prompts/call');
    expect(body).toEqual({ path: 'a b/c', prompt: request.kernel });
  });

  test('curl: the OpenAI shape names the version as its model', () => {
    const { args, body } = runShell(code('curl', 'openai'));
    expect(args.slice(0, 3)).toEqual(['http://127.0.0.1:4400/v1/chat/completions', '-H', 'Authorization: Bearer k']);
    expect(body).toEqual({ model: 'prompt:a b/c@prv_1', messages: request.messages, inputs: request.inputs });
  });

  test("TypeScript: the client's own keys in camel case, the user's as they are", async () => {
    expect(await runTypeScript(code('typescript', 'humanloop'))).toEqual({
      versionId: 'prv_1',
      path: 'a b/c',
      inputs: request.inputs,
      messages: [{ role: 'tool', toolCallId: 'c1', content: nasty }],
    });
    expect(await runTypeScript(code('typescript', 'humanloop', { edited: true }))).toMatchObject({
      prompt: { model: 'gpt-4o', maxTokens: 5, responseFormat: { type: 'json_schema', jsonSchema: { max_items: null, ok: true } } },
    });
    const text = code('typescript', 'openai');
    expect(text).toContain('baseURL: "http://127.0.0.1:4400/v1"');
    expect(await runTypeScript(text)).toEqual({ model: 'prompt:a b/c@prv_1', messages: request.messages, inputs: request.inputs });
  });

  test('TypeScript: a __proto__ key stays a key', async () => {
    const inputs = JSON.parse('{"__proto__":{"a":1}}') as Record<string, unknown>;
    expect(JSON.stringify(await runTypeScript(code('typescript', 'humanloop', { inputs, messages: [] })))).toBe(
      '{"versionId":"prv_1","path":"a b/c","inputs":{"__proto__":{"a":1}}}',
    );
  });

  test.skipIf(spawnSync('python3', ['--version']).error !== undefined)(
    'Python: literals that Python reads as the same values (needs python3)',
    () => {
      for (const [client, calls] of [
        ['humanloop', { version_id: 'prv_1', path: 'a b/c', inputs: request.inputs, messages: request.messages }],
        ['openai', { model: 'prompt:a b/c@prv_1', messages: request.messages, extra_body: { inputs: request.inputs } }],
      ] as const) {
        const call = /\.(?:call|create)\(\n([\s\S]*)\)\nprint/.exec(code('python', client))?.[1] ?? '';
        const run = spawnSync('python3', ['-c', `import json\nprint(json.dumps(dict(\n${call})))`], { encoding: 'utf8' });
        expect(run.stderr).toBe('');
        expect(JSON.parse(run.stdout)).toEqual(calls);
      }
    },
  );

  test('no program holds a key', () => {
    for (const language of ['curl', 'typescript', 'python'] as const) expect(code(language, 'humanloop')).toContain('WHETSTONE_API_KEY');
  });
});
