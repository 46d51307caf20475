import { describe, expect, it } from 'vitest';
import type { PromptResponse } from '../client/operations.ts';
import { loadJinja, originOf, Prompt } from './rendered.ts';

const version = {
  id: 'pr_1',
  path: 'a/b',
  version_id: 'prv_1',
  model: 'claude-x',
  template: [
    { role: 'system', content: 'You help {{company}}.' },
    { role: 'user', content: [{ type: 'text', text: '{{question}}' }] },
  ],
  template_language: 'default',
  temperature: 0,
  max_tokens: -1,
  stop: 'END',
  other: { top_k: 5 },
  tools: [{ name: 'f', description: 'Finds', strict: null, parameters: null }],
  linked_tools: [
    { id: 'tl_1', version_id: 'tv_1', name: 'g', description: '', strict: null, parameters: { type: 'object', properties: {} } },
  ],
  inputs: [{ name: 'company' }, { name: 'question' }],
} as unknown as PromptResponse;
const inputs = { company: 'Larkspur', question: 'Where?' };

describe('a prompt filled in', () => {
  it('is a request of OpenAI without what the version does not say', () => {
    expect(new Prompt(version, null, null).openai(inputs)).toEqual({
      top_k: 5,
      model: 'claude-x',
      messages: [
        { role: 'system', content: 'You help Larkspur.' },
        { role: 'user', content: [{ type: 'text', text: 'Where?' }] },
      ],
      temperature: 0,
      stop: 'END',
      tools: [
        { type: 'function', function: { name: 'f', description: 'Finds' } },
        { type: 'function', function: { name: 'g', description: '', parameters: { type: 'object', properties: {} } } },
      ],
    });
  });

  it('is a request of Anthropic, with the system text apart and a limit', () => {
    const request = new Prompt(version, 'production', null).anthropic(inputs);
    expect(request).toMatchObject({
      system: 'You help Larkspur.',
      max_tokens: 4096,
      stop_sequences: ['END'],
      tools: [{ name: 'f', input_schema: { type: 'object' } }, { name: 'g' }],
    });
    expect(request.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Where?' }] }]);
    expect(originOf(request.messages)).toMatchObject({ versionId: 'prv_1', environment: 'production', inputs });
  });

  it('names what is missing, and leaves the version as it was', () => {
    const prompt = new Prompt(version, null, null);
    expect(prompt.variables).toEqual(['company', 'question']);
    expect(() => prompt.messages({ company: 'L' })).toThrow('a/b: The template needs a value for `question`');
    const messages = prompt.messages(inputs);
    messages[0]!.content = 'changed by the application';
    expect(prompt.messages(inputs)[0]?.content).toBe('You help Larkspur.');
    expect(originOf(messages)?.versionId).toBe('prv_1');
    expect(originOf([...messages])).toBeNull();
  });

  it('speaks Jinja', async () => {
    const jinja = { ...version, template: '{% for n in names %}{{ n }};{% endfor %}', template_language: 'jinja' } as PromptResponse;
    expect(new Prompt(jinja, null, await loadJinja()).text({ names: ['a', 'b'] })).toBe('a;b;');
  });
});
