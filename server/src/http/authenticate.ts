import { AppError, type Permission, roleMay, type Scope } from '@whetstone/contract';
import type { FastifyRequest } from 'fastify';
import type { People, Session } from '../people/index.ts';

/** Who is calling: a key, or a signed-in person with or without a workspace. */
export interface Caller {
  scope: Scope | null;
  session: Session | null;
}

/** The key of a request, from `X-API-KEY` or `Authorization: Bearer`; null without one. */
export function keyOf(request: FastifyRequest): string | null {
  const header = request.headers['x-api-key'] ?? bearer(request.headers.authorization);
  const key = Array.isArray(header) ? header[0] : header;
  return key === undefined || key.trim() === '' ? null : key.trim();
}

function bearer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [scheme, ...rest] = header.split(' ');
  return scheme?.toLowerCase() === 'bearer' ? rest.join(' ') : undefined;
}

/** The scope of a request that carries a key. Cookies do not count here: this is the gateway's door. */
export async function scopeOfKeyOnly(people: People, request: FastifyRequest): Promise<Scope> {
  const key = keyOf(request);
  if (key === null)
    throw new AppError(
      'unauthenticated',
      'No API key was sent. Send one in the header `Authorization: Bearer …` or `X-API-KEY`; keys are made under Settings, API keys.',
    );
  const scope = await people.scopeOfKey(key);
  if (scope === null)
    throw new AppError('unauthenticated', 'This API key is unknown, revoked or expired. Keys are made under Settings, API keys.');
  return scope;
}

/**
 * The caller of a `/v5` request. With a key present cookies are ignored.
 * @param ownOrigin whether an Origin header value is this server's own
 */
export async function callerOf(people: People, request: FastifyRequest, ownOrigin: (origin: string) => boolean): Promise<Caller> {
  const key = keyOf(request);
  if (key !== null) {
    const scope = await scopeOfKeyOnly(people, request);
    await requireNamedOrigin(people, request, { key, scope, ownOrigin });
    return { scope, session: null };
  }
  if (request.headers.cookie === undefined) return { scope: null, session: null };
  if (!fromOwnPages(request, ownOrigin)) {
    throw new AppError('forbidden', 'A sign-in counts only for requests from the web app itself. Programs use an API key in `X-API-KEY`.');
  }
  const session = await people.sessionOf(new Headers({ cookie: request.headers.cookie }));
  if (session === null) return { scope: null, session: null };
  const workspace = request.headers['x-whetstone-workspace'];
  if (typeof workspace !== 'string' || workspace === '') return { scope: null, session };
  return { scope: await people.scopeOfMember(session.user.id, workspace), session };
}

/** A publishable key stands in pages: those that it names and our own may send with it. What is no browser names no origin. */
async function requireNamedOrigin(
  people: People,
  request: FastifyRequest,
  { key, scope, ownOrigin }: { key: string; scope: Scope; ownOrigin: (origin: string) => boolean },
): Promise<void> {
  const { origin } = request.headers;
  if (scope.actor.role !== 'feedback' || origin === undefined || ownOrigin(origin)) return;
  if (await people.keyNamesOrigin(key, origin)) return;
  throw new AppError(
    'forbidden',
    `This key does not name the origin \`${origin.slice(0, 300)}\`. Add it to the key's origins under Settings, API keys.`,
  );
}

/** T8: no other site may use a visitor's cookie, neither to change nor to read. */
function fromOwnPages(request: FastifyRequest, ownOrigin: (origin: string) => boolean): boolean {
  const origin = request.headers.origin;
  if (origin !== undefined) return ownOrigin(origin);
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin') return true;
  const reads = request.method === 'GET' || request.method === 'HEAD';
  return reads && (site === undefined || site === 'none');
}

/** The scope when the caller may do this; throws 401 or 403 in words that say what is missing. */
export function requirePermission(caller: Caller, permission: Permission): Scope | null {
  if (permission === 'public') return caller.scope;
  if (permission === 'session') {
    if (caller.session === null && caller.scope === null) throw signInFirst();
    return caller.scope;
  }
  if (caller.scope === null) {
    if (caller.session === null) throw signInFirst();
    throw new AppError(
      'forbidden',
      'You are signed in, but not a member of this workspace. Name one of yours in the header `X-Whetstone-Workspace`.',
    );
  }
  if (!roleMay(caller.scope.actor.role, permission)) {
    throw new AppError('forbidden', `The role \`${caller.scope.actor.role}\` may not do this; it needs the right to \`${permission}\`.`);
  }
  return caller.scope;
}

function signInFirst(): AppError {
  return new AppError('unauthenticated', 'Sign in, or send an API key in the header `X-API-KEY`. Keys are made under Settings, API keys.');
}
