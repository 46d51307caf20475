import type { ChatMessage, PromptKernel } from '@whetstone/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderJinja } from './jinja.ts';
import { logToRequest } from './rerun.ts';
import type { RerunnableLog } from './rerun.ts';
import { renderTemplate } from './template.ts';

const user = (content: string): ChatMessage => ({ role: 'user', content });

function logOf(
  kernel: PromptKernel,
  inputs: Record<string, unknown> | null,
  messages: ChatMessage[] | null,
  more: Partial<RerunnableLog['prompt']> = {},
): RerunnableLog {
  const { linked_tools: _linked, ...fields } = kernel;
  return {
    id: 'log_1',
    inputs,
    messages,
    tool_choice: 'auto',
    environment: 'production',
    prompt: {
      ...fields,
      attributes: fields.attributes ?? null,
      provider: null,
      id: 'pr_1',
      path: 'support/answer',
      version_id: 'prv_1',
      ...more,
    },
  };
}

const template: ChatMessage[] = [{ role: 'system', content: 'You help {{name}}.' }, user('{{q}}')];
const filled: ChatMessage[] = [{ role: 'system', content: 'You help Ada.' }, user('why?')];
const inputs = { name: 'Ada', q: 'why?' };

describe('a log becomes a request', () => {
  test('with its template, inputs and parameters intact, and only the messages that followed the template', () => {
    const kernel: PromptKernel = { model: 'gpt-4o', template, temperature: 0.2, tools: [{ name: 'f' }] };
    expect(logToRequest(logOf(kernel, inputs, [...filled, { role: 'assistant', content: 'Because.' }, user('and?')]))).toEqual({
      kernel,
      inputs,
      messages: [{ role: 'assistant', content: 'Because.' }, user('and?')],
      toolChoice: 'auto',
      counterfactualOf: 'log_1',
      path: 'support/answer',
      fileId: 'pr_1',
      versionId: 'prv_1',
      environment: 'production',
      edited: false,
    });
  });

  test('of a program that logged only its own messages, all of them stay', () => {
    expect(logToRequest(logOf({ model: 'm', template }, inputs, [user('hi')])).messages).toEqual([user('hi')]);
    expect(logToRequest(logOf({ model: 'm', template }, { name: 'Bob', q: 'x' }, filled)).messages).toEqual(filled);
    expect(logToRequest(logOf({ model: 'm' }, null, filled))).toMatchObject({ messages: filled, inputs: {} });
    expect(logToRequest(logOf({ model: 'm', template }, inputs, null)).messages).toEqual([]);
  });

  test('what a snippet gave may be any text', () => {
    const withCall: ChatMessage[] = [{ role: 'system', content: 'A {{ tone("x") }} b {{name}}.{{ more() }}' }];
    const rest = [user('hi')];
    expect(
      logToRequest(logOf({ model: 'm', template: withCall }, inputs, [{ role: 'system', content: 'A b b b Ada. b Ada.x' }, ...rest]))
        .messages,
    ).toEqual(rest);
    expect(
      logToRequest(logOf({ model: 'm', template: withCall }, inputs, [{ role: 'system', content: 'A b b b Bob.' }, ...rest])).messages,
    ).toHaveLength(2);
  });

  test('pictures of a template are recognised', () => {
    const picture = (url: string): ChatMessage => ({
      role: 'user',
      content: [
        { type: 'text', text: 'See' },
        { type: 'image_url', image_url: { url } },
      ],
    });
    expect(
      logToRequest(logOf({ model: 'm', template: [picture('{{u}}')] }, { u: 'https://e.com/a' }, [picture('https://e.com/a')])).messages,
    ).toEqual([]);
  });

  test('a Jinja template is compared filled in, or by roles when nothing can fill it in', () => {
    const jinja: PromptKernel = { model: 'm', template_language: 'jinja', template: [user('{% if q %}{{ q }}{% endif %}')] };
    const populate: Parameters<typeof logToRequest>[1] = (given, values) => {
      const rendered = renderJinja(given, values);
      return rendered.ok ? rendered.value : null;
    };
    expect(logToRequest(logOf(jinja, inputs, [user('why?'), user('more')]), populate).messages).toEqual([user('more')]);
    expect(logToRequest(logOf(jinja, inputs, [user('other'), user('more')]), populate).messages).toHaveLength(2);
    expect(logToRequest(logOf(jinja, inputs, [user('other'), user('more')])).messages).toEqual([user('more')]);
  });

  test("a credential's name and linked tools come back as the version has them", () => {
    const request = logToRequest(
      logOf({ model: 'm' }, null, null, { provider_name: 'our-azure', linked_tools: [{ id: 'tl_1', version_id: 'tv_1', name: 'f' }] }),
    );
    expect(request.kernel).toEqual({ model: 'm', provider: 'our-azure', linked_tools: ['tv_1'] });
  });

  test('whatever was rendered from a template is recognised as it', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '{{x}}', '{{y}}', ' ', '.') });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), text, text, (texts, x, y) => {
        const given = texts.map(user);
        const rendered = renderTemplate(given, { x, y });
        if (!rendered.ok) throw new Error(rendered.message);
        expect(logToRequest(logOf({ model: 'm', template: given }, { x, y }, [...rendered.value, user('!')])).messages).toEqual([
          user('!'),
        ]);
      }),
    );
  });
});
