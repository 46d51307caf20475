import type { AnyObject, PromptKernel, Scope } from '@whetstone/contract';
import type { Files, Snapshot } from '../../files/index.ts';

const maxEntries = 2000;
const patienceMs = 500;
const freshMs = 10_000;

/** The prompts that calls without a file are logged to, and environments by name: kept in memory, so that a database that is away stops no call. */
export class HiddenPrompts {
  readonly #files: Pick<Files, 'upsertHidden' | 'environments'>;
  readonly #now: () => number;
  readonly #prompts = new Map<string, Entry<Snapshot<'prompt'>>>();
  readonly #environments = new Map<string, Entry<string>>();

  constructor(files: Pick<Files, 'upsertHidden' | 'environments'>, now: () => number) {
    this.#files = files;
    this.#now = now;
  }

  version(scope: Scope, path: string, kernel: PromptKernel): Promise<Snapshot<'prompt'>> {
    const key = `${scope.workspaceId} ${path} ${JSON.stringify(kernel)}`;
    return this.#get(this.#prompts, key, () => this.#files.upsertHidden(scope, { path, kernel, reason: 'gateway' }));
  }

  environmentId(scope: Scope, name: string): Promise<string> {
    return this.#get(
      this.#environments,
      `${scope.workspaceId} ${name}`,
      async () => (await this.#files.environments.byName(scope, name)).id,
    );
  }

  /** Forgets a workspace's or all: a file may have been deleted. */
  forget(workspaceId: string): void {
    for (const map of [this.#prompts, this.#environments]) {
      for (const key of map.keys()) if (key.startsWith(`${workspaceId} `)) map.delete(key);
    }
  }

  /** Fresh entries are served; older ones are asked for again, and serve on while nobody answers. */
  async #get<T>(map: Map<string, Entry<T>>, key: string, load: () => Promise<T>): Promise<T> {
    const known = map.get(key);
    if (known !== undefined && this.#now() - known.at < freshMs) return known.value;
    const asked = this.#now();
    const loading = load();
    const value = known === undefined ? loading : orKnown(loading, known.value);
    map.delete(key);
    map.set(key, { at: asked, value });
    if (map.size > maxEntries) {
      const [oldest] = map.keys();
      if (oldest !== undefined) map.delete(oldest);
    }
    // A failure is not remembered.
    value.catch(() => {
      if (map.get(key)?.value === value) map.delete(key);
    });
    return value;
  }
}

interface Entry<T> {
  at: number;
  value: Promise<T>;
}

/** What is known, when the database is away or takes so long that it might as well be. */
async function orKnown<T>(loading: Promise<T>, known: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(known), patienceMs);
  });
  try {
    return await Promise.race([loading, late]);
  } catch (error) {
    if (isAway(error)) return await known;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function isAway(error: unknown): boolean {
  return error instanceof Error && (error.name === 'StoreUnavailableError' || ('code' in error && error.code === 'unavailable'));
}

/** What of a request makes a version: parameters that decide how the model answers, not what it is asked or by whom. */
const parameters = [
  'max_tokens',
  'temperature',
  'top_p',
  'stop',
  'presence_penalty',
  'frequency_penalty',
  'seed',
  'response_format',
  'reasoning_effort',
] as const;
const further = [
  'max_completion_tokens',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'parallel_tool_calls',
  'verbosity',
  'modalities',
  'top_k',
  'min_p',
  'repetition_penalty',
  'thinking',
  'dimensions',
  'encoding_format',
] as const;

export function kernelOf(body: AnyObject, model: string, provider: string, kind: 'chat' | 'complete' | 'embeddings'): PromptKernel {
  const kernel: AnyObject = { model, provider };
  if (kind !== 'embeddings') kernel['endpoint'] = kind;
  for (const name of parameters) if (body[name] != null) kernel[name] = body[name];
  const other: AnyObject = {};
  for (const name of further) if (body[name] != null) other[name] = body[name];
  if (Object.keys(other).length > 0) kernel['other'] = other;
  const tools = body['tools'];
  if (Array.isArray(tools) && tools.length > 0) {
    kernel['tools'] = tools.map((tool: unknown) => (tool as AnyObject | null)?.function ?? tool);
  }
  return kernel as unknown as PromptKernel;
}
