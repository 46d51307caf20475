import { readFileSync } from 'node:fs';
import { agentKernel, promptKernel } from '@whetstone/contract';
import type { AgentKernel, ChatMessage, PromptKernel } from '@whetstone/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePromptFile, printPromptFile } from './prompt-file.ts';
import type { PromptFileKind } from './prompt-file.ts';
import { canonicalJson } from './text.ts';
import { canonicalKernel, contentHash } from './version-hash.ts';

interface Case {
  name: string;
  text: string;
  kind?: PromptFileKind;
  kernel?: PromptKernel;
  prints?: boolean;
  ignored?: string[];
  fails?: string;
}
const { cases } = parse(readFileSync(new URL('../../spec/prompt-files.yaml', import.meta.url), 'utf8')) as { cases: Case[] };

describe('prompt files', () => {
  test.each(cases)('$name', ({ text, kind = 'prompt', kernel, prints, ignored, fails }) => {
    const parsed = parsePromptFile(kind, text);
    if (fails !== undefined) {
      if (parsed.ok) throw new Error('parsed');
      expect(`${parsed.error.line}:${parsed.error.column} ${parsed.error.message}`).toContain(fails);
    } else {
      expect(parsed).toEqual({ ok: true, kernel, ignored: ignored ?? [] });
      if (prints === true) expect(printPromptFile(kind, kernel as PromptKernel)).toBe(text);
    }
  });

  test('a front matter nested very deep is refused, not crashed on', () => {
    expect(parsePromptFile('prompt', `---\nmodel: m\nother: ${'['.repeat(100_000)}\n---\n`)).toMatchObject({ ok: false });
    const deep = '['.repeat(300_000) + ']'.repeat(300_000);
    for (const text of [
      `other: {"a":${deep}}\n---\n`,
      `---\n<user json>{"content":"x","more":${deep}}</user>`,
      `body: json\n---\n${deep}`,
    ]) {
      expect(parsePromptFile('prompt', `---\nmodel: m\n${text}`)).toMatchObject({ ok: false });
    }
    expect(parsePromptFile('prompt', `---\nmodel: m\nother: {a: ${'['.repeat(900)}${']'.repeat(900)}}\n---\n`)).toMatchObject({
      ok: false,
    });
  });

  test('a very long front matter is read when it is printed by us, and refused at once when it is not', () => {
    const long = 'x: "y" \n'.repeat(60_000);
    const kernel: PromptKernel = {
      model: 'm',
      attributes: { long },
      tools: [{ name: 'a', description: long }, { name: 'b' }],
      template: 'Hi',
      endpoint: 'complete',
    };
    expect(parsePromptFile('prompt', printPromptFile('prompt', kernel))).toEqual({ ok: true, kernel, ignored: [] });
    for (const text of ['a: b\n'.repeat(200_000), `a: ${'[{'.repeat(500_000)}\n`, 'tools: [\n'.repeat(100_000)]) {
      expect(parsePromptFile('prompt', `---\n${text}---\n`)).toMatchObject({ ok: false, error: { column: 1 } });
    }
  });

  test('a __proto__ key of attributes is data', () => {
    const attributes = JSON.parse('{"__proto__":{"a":1},"constructor":2}') as Record<string, unknown>;
    const parsed = parsePromptFile('prompt', printPromptFile('prompt', { model: 'm', attributes }));
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(JSON.stringify(parsed.kernel.attributes)).toBe(JSON.stringify(attributes));
    expect(contentHash('prompt', parsed.kernel)).toBe(contentHash('prompt', { model: 'm', attributes }));
  });

  test('NUL from an escape of YAML is mended like any other text', () => {
    expect(parsePromptFile('prompt', '---\nmodel: "a\\0b"\n---\n')).toMatchObject({ ok: true, kernel: { model: 'a\u2400b' } });
  });
});

const anyText = fc.oneof(
  fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        '\n',
        ' ',
        '\t',
        '\r',
        '\r\n',
        '  ',
        '\\',
        '---',
        '"',
        '&quot;',
        '&#10;',
        '&amp;',
        '{{a}}',
        '{% if %}',
        '\u2028',
        '\uFEFF',
        '\u00A0',
      ),
      fc.constantFrom(
        '<user>',
        '</user>',
        '\n</user>\n',
        '<system exact>',
        '</system>',
        '<assistant json>',
        '</assistant>',
        '<tool name="a" id="b">',
        '</tool>',
        '<tool name="a" id="b" />',
      ),
      fc.constantFrom('<text>', '</text>', '<image url="x" />', '<!--', '<', '>', '/'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
    ),
    maxLength: 12,
  }),
  fc.string({ unit: 'binary' }),
);
const opt = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const anyObject = fc.dictionary(anyText, fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }), { maxKeys: 4 });

const part = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text: anyText }),
  fc.record({
    type: fc.constant('image_url' as const),
    image_url: fc.record({ url: anyText, detail: opt(fc.constantFrom('high' as const, 'low' as const, 'auto' as const)) }),
  }),
);
const message: fc.Arbitrary<ChatMessage> = fc.record({
  role: fc.constantFrom('user', 'assistant', 'system', 'tool', 'developer'),
  content: fc.oneof({ weight: 4, arbitrary: anyText }, fc.array(part, { maxLength: 3 }), fc.constantFrom(null, undefined)),
  name: opt(anyText),
  tool_call_id: opt(anyText),
  tool_calls: opt(
    fc.array(
      fc.record({
        id: anyText,
        type: fc.constant('function' as const),
        function: fc.record({ name: anyText, arguments: opt(fc.oneof(anyText, fc.json())) }),
      }),
      { maxLength: 3 },
    ),
  ),
  thinking: opt(
    fc.array(
      fc.oneof(
        fc.record({ type: fc.constant('thinking' as const), thinking: anyText, signature: anyText }),
        fc.record({ type: fc.constant('redacted_thinking' as const), data: anyText }),
      ),
      { maxLength: 2 },
    ),
  ),
});
const parameters = {
  model: anyText.filter((text) => text !== ''),
  endpoint: opt(fc.constantFrom('chat' as const, 'complete' as const, 'edit' as const)),
  template: opt(fc.oneof(anyText, fc.array(message, { maxLength: 4 }))),
  template_language: opt(fc.constantFrom('default' as const, 'jinja' as const)),
  provider: opt(anyText),
  max_tokens: opt(fc.integer()),
  temperature: opt(fc.double({ noNaN: true, noDefaultInfinity: true })),
  top_p: opt(fc.double({ noNaN: true, noDefaultInfinity: true })),
  stop: opt(fc.oneof(anyText, fc.array(anyText, { maxLength: 3 }))),
  presence_penalty: opt(fc.float({ noNaN: true, noDefaultInfinity: true })),
  other: opt(anyObject),
  seed: opt(fc.integer()),
  response_format: opt(
    fc.record({ type: fc.constantFrom('json_object' as const, 'json_schema' as const, 'text' as const), json_schema: opt(anyObject) }),
  ),
  reasoning_effort: opt(fc.oneof(fc.constantFrom('none' as const, 'minimal' as const, 'high' as const, 'xhigh' as const), fc.integer())),
  attributes: opt(anyObject),
};
const onAgentCall = opt(fc.constantFrom('stop' as const, 'continue' as const));
const anyFunction = fc.record({ name: anyText, description: opt(anyText), strict: opt(fc.boolean()), parameters: opt(anyObject) });
const anyPrompt: fc.Arbitrary<PromptKernel> = fc.record({
  ...parameters,
  tools: opt(fc.array(anyFunction, { maxLength: 3 })),
  linked_tools: opt(fc.array(anyText, { maxLength: 2 })),
});
const anyAgent: fc.Arbitrary<AgentKernel> = fc.record({
  ...parameters,
  tools: opt(
    fc.array(
      fc.oneof(
        fc.record({ type: fc.constant('inline' as const), json_schema: anyFunction, on_agent_call: onAgentCall }),
        fc.record({
          type: fc.constant('file' as const),
          link: fc.record({ file_id: anyText, version_id: opt(anyText), environment_id: opt(anyText) }),
          on_agent_call: onAgentCall,
        }),
      ),
      { maxLength: 3 },
    ),
  ),
  max_iterations: opt(fc.integer({ min: 1 })),
});

describe('a prompt file is lossless', () => {
  test('parse(print(prompt)) has the same content, for any prompt', () => {
    fc.assert(
      fc.property(anyPrompt, (arbitrary) => {
        const kernel = canonicalJson(arbitrary).value;
        expect(promptKernel.safeParse(kernel).success).toBe(true);
        const text = printPromptFile('prompt', kernel);
        const parsed = parsePromptFile('prompt', text);
        if (!parsed.ok) throw new Error(`${parsed.error.message}\n${text}`);
        expect(canonicalKernel('prompt', parsed.kernel)).toEqual(canonicalKernel('prompt', kernel));
        expect(contentHash('prompt', parsed.kernel)).toBe(contentHash('prompt', kernel));
        expect(parsed.ignored).toEqual([]);
      }),
      { numRuns: 800 },
    );
  });

  test('parse(print(agent)) has the same content, for any agent', () => {
    fc.assert(
      fc.property(anyAgent, (arbitrary) => {
        const kernel = canonicalJson(arbitrary).value;
        expect(agentKernel.safeParse(kernel).success).toBe(true);
        const parsed = parsePromptFile('agent', printPromptFile('agent', kernel));
        if (!parsed.ok) throw new Error(parsed.error.message);
        expect(contentHash('agent', parsed.kernel)).toBe(contentHash('agent', kernel));
      }),
      { numRuns: 300 },
    );
  });

  test('an agent whose tools leave their type out has the same content as one that states it', () => {
    const text = (type: (name: string) => string) =>
      `---\nmodel: m\ntools: [{${type('inline')}"json_schema": {"name": "f"}}, {${type('file')}"link": {"file_id": "tl_1"}}]\n---\n`;
    const hash = (source: string): string => {
      const parsed = parsePromptFile('agent', source);
      if (!parsed.ok) throw new Error(parsed.error.message);
      return contentHash('agent', parsed.kernel);
    };
    expect(hash(text(() => ''))).toBe(hash(text((name) => `"type": "${name}", `)));
  });

  test('printing what was parsed gives the same text again', () => {
    fc.assert(
      fc.property(anyPrompt, (arbitrary) => {
        const text = printPromptFile('prompt', canonicalJson(arbitrary).value);
        const parsed = parsePromptFile('prompt', text);
        if (!parsed.ok) throw new Error(parsed.error.message);
        expect(printPromptFile('prompt', parsed.kernel)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  test('a file survives a system that writes CRLF', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 2 }), (template) => {
        const kernel = canonicalJson<PromptKernel>({ model: 'm', template }).value;
        const text = printPromptFile('prompt', kernel);
        fc.pre(!text.includes('\r'));
        const parsed = parsePromptFile('prompt', text.replaceAll('\n', '\r\n'));
        if (!parsed.ok) throw new Error(parsed.error.message);
        expect(contentHash('prompt', parsed.kernel)).toBe(contentHash('prompt', kernel));
      }),
    );
  });

  test('any text is parsed or refused with a place inside it', () => {
    fc.assert(
      fc.property(anyText, anyText, (front, body) => {
        const text = `---\nmodel: m\n${front}\n---\n${body}`;
        const parsed = parsePromptFile('prompt', text);
        if (parsed.ok) return;
        expect(parsed.error.line).toBeGreaterThanOrEqual(1);
        expect(parsed.error.line).toBeLessThanOrEqual(text.split('\n').length);
        expect(parsed.error.column).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});
