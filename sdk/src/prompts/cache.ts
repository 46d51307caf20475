import { asError, WhetstoneError } from '../client/errors.ts';
import type { PromptResponse } from '../client/operations.ts';
import type { Api } from '../client/api.ts';
import { loadJinja, Prompt } from './rendered.ts';
import type { PromptStore } from './file-store.ts';

export interface PromptOptions {
  /** The version deployed there; default: the workspace's default environment. */
  environment?: string;
  /** Whose call it is: where an experiment runs, the version of this user's arm. Kept in memory only, for the 10,000 users of late. */
  user?: string;
  /** Exactly this version; it never changes, so it is asked for once. */
  versionId?: string;
  /** How long an answer is fresh. After that it is still given at once, and renewed behind. */
  freshMs?: number;
  /** What stands in when the server is away and nothing was kept. Without it the call throws. */
  fallback?: PromptResponse;
}

interface Kept {
  version: PromptResponse;
  at: number;
}

export interface CacheDeps {
  api: Api;
  store: PromptStore | null;
  freshMs: number;
  /** Told of a renewal that failed while an old answer serves. */
  onError: (error: Error) => void;
  now?: () => number;
}

const firstTimeoutMs = 5_000;
const mostUsers = 10_000;

function keyOf(path: string, { environment, versionId }: PromptOptions, user?: string): string {
  return JSON.stringify([path, environment ?? null, versionId ?? null, ...(user === undefined || versionId !== undefined ? [] : [user])]);
}

/**
 * Prompts by path, from memory while fresh, else from memory and renewed behind the caller. When the server is away the
 * last known version goes on, from memory or from the file of an earlier process.
 */
export class PromptCache {
  readonly #deps: CacheDeps;
  readonly #kept = new Map<string, Kept>();
  /** Keys of users, oldest first. */
  readonly #users = new Set<string>();
  readonly #underWay = new Map<string, Promise<PromptResponse>>();

  constructor(deps: CacheDeps) {
    this.#deps = deps;
  }

  async get(path: string, options: PromptOptions = {}): Promise<Prompt> {
    const version = await this.#version(path, options);
    const jinja = version.template_language === 'jinja' ? await loadJinja() : null;
    const environment = options.versionId === undefined ? (options.environment ?? version.experiment?.environment ?? null) : null;
    return new Prompt(version, environment, jinja, options.user ?? null);
  }

  async #version(path: string, options: PromptOptions): Promise<PromptResponse> {
    const key = keyOf(path, options, options.user);
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      const age = this.#now() - kept.at;
      if (options.versionId === undefined && age >= (options.freshMs ?? this.#deps.freshMs)) void this.#renewBehind(key, path, options);
      return kept.version;
    }
    try {
      return await this.#renew(key, path, options);
    } catch (thrown) {
      const error = asError(thrown);
      if (isAnswer(error)) throw error;
      // What everybody gets goes on for those whose arm nobody can tell now.
      const stored = (await this.#deps.store?.read(keyOf(path, options))) ?? options.fallback ?? null;
      if (stored === null) throw error;
      this.#deps.onError(new Error(`The prompt ${path} is served from an earlier answer: ${error.message}`, { cause: error }));
      // Not fresh: the next call asks again behind the caller.
      this.#kept.set(key, { version: stored, at: Number.NEGATIVE_INFINITY });
      return stored;
    }
  }

  async #renewBehind(key: string, path: string, options: PromptOptions): Promise<void> {
    try {
      await this.#renew(key, path, options);
    } catch (thrown) {
      const error = asError(thrown);
      // The server is there and says that there is no such prompt any more.
      if (isAnswer(error)) this.#kept.delete(key);
      else {
        const kept = this.#kept.get(key);
        // Asked again in a while, not on each call.
        if (kept !== undefined) kept.at = this.#now() - (options.freshMs ?? this.#deps.freshMs) / 2;
      }
      this.#deps.onError(error);
    }
  }

  /** One request for all who ask at the same time. */
  #renew(key: string, path: string, options: PromptOptions): Promise<PromptResponse> {
    const running = this.#underWay.get(key);
    if (running !== undefined) return running;
    const fetched = this.#fetch(path, options)
      .then((version) => {
        this.#keep(key, version, options);
        return version;
      })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, fetched);
    return fetched;
  }

  #keep(key: string, version: PromptResponse, { user }: PromptOptions): void {
    this.#kept.set(key, { version, at: this.#now() });
    if (user === undefined) {
      void this.#deps.store?.write(key, version);
      return;
    }
    this.#users.delete(key);
    this.#users.add(key);
    const [oldest] = this.#users;
    if (this.#users.size <= mostUsers || oldest === undefined) return;
    this.#users.delete(oldest);
    this.#kept.delete(oldest);
  }

  async #fetch(path: string, { environment, versionId, user }: PromptOptions): Promise<PromptResponse> {
    const { files, prompts } = this.#deps.api;
    const send = { timeoutMs: firstTimeoutMs, maxRetries: 1 };
    const asked = versionId === undefined ? { environment, user } : {};
    const file = await files.retrieveByPath({ path, ...asked }, send);
    if (file.type !== 'prompt') throw new WhetstoneError(404, `${path} is of type ${file.type}, not a prompt.`);
    if (versionId === undefined || file.version_id === versionId) return file;
    return prompts.get({ id: file.id, version_id: versionId }, send);
  }

  #now(): number {
    return this.#deps.now?.() ?? Date.now();
  }
}

/** The server answered, and an earlier answer would be wrong; anything else is an outage. */
function isAnswer(error: Error): boolean {
  return error instanceof WhetstoneError && (error.status === 404 || error.status === 400 || error.status === 422);
}
