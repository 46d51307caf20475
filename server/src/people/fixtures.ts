import { AppError, type Scope } from '@whetstone/contract';
import type { Storage } from '../storage/index.ts';
import { createPeople, openVault, type People, type PeopleDeps, type Session } from './index.ts';

export const origin = 'http://127.0.0.1:4400';

export interface Clock {
  /** How far ahead it goes. */
  ms: number;
  /** Where it stands, when it stands still. */
  frozenAt: number | null;
}

/** The room on real stores, with a clock that a test may move. */
export async function openPeople(
  storage: Storage,
  options: Partial<PeopleDeps> & { secret?: string } = {},
): Promise<{ people: People; clock: Clock; logged: unknown[] }> {
  const clock: Clock = { ms: 0, frozenAt: null };
  const logged: unknown[] = [];
  const note = (data: object, message: string): void => void logged.push({ data, message });
  const log = { info: note, warn: note, error: note };
  const people = createPeople({
    storage,
    vault: await openVault({ storage, secret: options.secret ?? null, log }),
    url: () => origin,
    log,
    oidc: null,
    smtpUrl: null,
    operatorCredentials: [],
    checkUrl: async (url) => {
      if (/127\.|localhost|10\./.test(url)) throw new AppError('bad_request', 'Private addresses are not allowed.');
    },
    allowPrivateUrls: false,
    openWorkspaces: true,
    now: () => new Date((clock.frozenAt ?? Date.now()) + clock.ms),
    ...options,
  });
  return { people, clock, logged };
}

/** A browser: it keeps its cookies and says where it comes from. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #people: People;
  readonly #ip: string;
  readonly #origin: string;

  constructor(people: People, ip = '192.0.2.1', at = origin) {
    this.#people = people;
    this.#ip = ip;
    this.#origin = at;
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const url = path.startsWith('http') ? path : `${this.#origin}/api/auth${path}`;
    const init: RequestInit = {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' ? {} : { origin: this.#origin }),
        ...(this.cookies.size === 0 ? {} : { cookie: this.cookieHeader() }),
        ...headers,
      },
    };
    const request = new Request(url, body === undefined ? init : { ...init, body: JSON.stringify(body) });
    const response = await this.#people.handleAuth(request, this.#ip);
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const equals = pair.indexOf('=');
      const ended = /max-age=0\b/i.test(cookie) || pair.slice(equals + 1) === '';
      if (ended) this.cookies.delete(pair.slice(0, equals));
      else this.cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
    return response;
  }

  cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  session(): Promise<Session | null> {
    return this.#people.sessionOf(new Headers({ cookie: this.cookieHeader() }));
  }
}

export const password = 'correct horse battery';

/** The first owner, signed in, with the scope of their workspace. */
export async function setUpOwner(people: People): Promise<{ browser: Browser; scope: Scope; userId: string; slug: string }> {
  const browser = new Browser(people);
  const response = await browser.send('POST', '/setup', { name: 'Ada', email: 'ada@example.com', password, workspace: 'Acme' });
  if (response.status !== 200) throw new Error(await response.text());
  const { user, workspace } = (await response.json()) as { user: { id: string }; workspace: { slug: string } };
  const scope = await people.scopeOfMember(user.id, workspace.slug);
  if (scope === null) throw new Error('the owner has no scope');
  return { browser, scope, userId: user.id, slug: workspace.slug };
}

let count = 0;
/** Someone who came by an invitation, signed in, with their scope. */
export async function addMember(
  people: People,
  by: Scope,
  role: 'viewer' | 'reviewer' | 'editor' | 'admin',
): Promise<{ browser: Browser; scope: Scope; userId: string; email: string }> {
  const { url } = await people.invitations.create(by, { role });
  const browser = new Browser(people);
  const email = `person${++count}@example.com`;
  const response = await browser.send('POST', `/invitations/${url.split('/').at(-1)}`, { name: `Person ${count}`, email, password });
  if (response.status !== 200) throw new Error(await response.text());
  const { user } = (await response.json()) as { user: { id: string } };
  const scope = await people.scopeOfMember(user.id, by.workspaceId);
  if (scope === null) throw new Error('the member has no scope');
  return { browser, scope, userId: user.id, email };
}
