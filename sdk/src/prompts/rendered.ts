import { renderTemplate, templateVariables } from '@whetstone/domain';
import type { ChatMessage, PromptResponse } from '../client/operations.ts';

/** Which version made a request, so that the log of the call belongs to it. Held beside the messages, not in them. */
export interface Origin {
  promptId: string;
  path: string;
  versionId: string;
  environment: string | null;
  /** Whose arm the version is. */
  user: string | null;
  inputs: Record<string, unknown>;
}

/** Anthropic refuses a request without a limit. */
const defaultMaxTokens = 4096;

const origins = new WeakMap<object, Origin>();

/** The version that rendered these messages, when one did. */
export function originOf(messages: unknown): Origin | null {
  return typeof messages === 'object' && messages !== null ? (origins.get(messages) ?? null) : null;
}

/** A version of a prompt, filled in by the application. */
export class Prompt {
  readonly id: string;
  readonly path: string;
  readonly versionId: string;
  /** The version as the server has it: model, template, parameters, tools. */
  readonly version: PromptResponse;
  /** Where it was found deployed; null when a version was named, or none was. */
  readonly environment: string | null;
  /** The arm of an experiment, when the prompt was asked for with a user and one runs. */
  readonly experiment: { id: string; arm: string; propensity: number } | null;
  readonly #user: string | null;
  readonly #jinja: JinjaRenderer | null;

  constructor(version: PromptResponse, environment: string | null, jinja: JinjaRenderer | null, user: string | null = null) {
    this.id = version.id;
    this.path = version.path;
    this.versionId = version.version_id;
    this.version = version;
    this.environment = environment;
    this.experiment = version.experiment ?? null;
    this.#user = user;
    this.#jinja = jinja;
  }

  /** Names of the template's variables, in order of appearance. */
  get variables(): string[] {
    return this.#jinja === null ? templateVariables(this.version.template) : this.version.inputs.map(({ name }) => name);
  }

  /** The messages of a chat prompt with its variables filled in. Throws when one has no value. */
  messages(inputs: Record<string, unknown> = {}): ChatMessage[] {
    const template = this.version.template ?? [];
    const filled = this.#fill(typeof template === 'string' ? [{ role: 'user' as const, content: template }] : template, inputs);
    const messages = filled.map((message) => structuredClone(message));
    origins.set(messages, {
      promptId: this.id,
      path: this.path,
      versionId: this.versionId,
      environment: this.environment,
      user: this.#user,
      inputs,
    });
    return messages;
  }

  /** The text of a completion prompt with its variables filled in. */
  text(inputs: Record<string, unknown> = {}): string {
    const { template } = this.version;
    if (typeof template !== 'string') throw new TypeError(`${this.path} is a chat prompt; ask for its messages().`);
    return this.#fill(template, inputs);
  }

  /** A request of OpenAI's chat completions: model, messages, parameters, tools. */
  openai(inputs: Record<string, unknown> = {}): VendorRequest {
    const { version } = this;
    return withoutNulls({
      ...version.other,
      model: version.model,
      messages: this.messages(inputs),
      temperature: version.temperature,
      top_p: version.top_p,
      max_completion_tokens: version.max_tokens === -1 ? null : version.max_tokens,
      stop: version.stop,
      presence_penalty: version.presence_penalty,
      frequency_penalty: version.frequency_penalty,
      seed: version.seed,
      response_format: version.response_format,
      reasoning_effort: version.reasoning_effort,
      tools: toolsOf(version).map((tool) => ({ type: 'function', function: tool })),
    }) as unknown as VendorRequest;
  }

  /** A request of Anthropic's messages: the system text apart, the limit that Anthropic wants. */
  anthropic(inputs: Record<string, unknown> = {}): VendorRequest & { max_tokens: number } {
    const { version } = this;
    const all = this.messages(inputs);
    const system = all.filter(({ role }) => role === 'system' || role === 'developer');
    const messages = all.filter((message) => !system.includes(message)).map(({ role, content }) => ({ role, content }));
    const origin = originOf(all);
    if (origin !== null) origins.set(messages, origin);
    return withoutNulls({
      ...version.other,
      model: version.model,
      system: system.length === 0 ? null : system.map(({ content }) => (typeof content === 'string' ? content : '')).join('\n\n'),
      messages,
      max_tokens: version.max_tokens == null || version.max_tokens === -1 ? defaultMaxTokens : version.max_tokens,
      temperature: version.temperature,
      top_p: version.top_p,
      stop_sequences: typeof version.stop === 'string' ? [version.stop] : version.stop,
      tools: toolsOf(version).map(({ name, description, parameters }) =>
        withoutNulls({ name, description, input_schema: parameters ?? { type: 'object', properties: {} } }),
      ),
    }) as unknown as VendorRequest & { max_tokens: number };
  }

  #fill<T extends string | ChatMessage[]>(template: T, inputs: Record<string, unknown>): T {
    const render = this.#jinja ?? renderTemplate;
    const rendered = render(template, inputs);
    if (!rendered.ok) throw new TypeError(`${this.path}: ${rendered.message}`);
    return rendered.value;
  }
}

/**
 * What a vendor's client takes. The client's own message types are unions by role; these messages are of that form, and
 * `never[]` is what fits all of them. Parameters and tools are there too.
 */
export interface VendorRequest {
  model: string;
  messages: never[];
}

type JinjaRenderer = <T extends string | ChatMessage[]>(
  template: T,
  inputs: Record<string, unknown>,
) => { ok: true; value: T } | { ok: false; message: string };

export async function loadJinja(): Promise<JinjaRenderer> {
  const { renderJinja } = await import('@whetstone/domain');
  return renderJinja;
}

function toolsOf(version: PromptResponse): Record<string, unknown>[] {
  const own = version.tools ?? [];
  const linked = (version.linked_tools ?? []).map(({ id: _id, version_id: _version, ...tool }) => tool);
  return [...own, ...linked].map((tool) => withoutNulls(tool));
}

function withoutNulls(fields: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept.filter(([key, value]) => key !== 'tools' || (value as unknown[]).length > 0));
}
