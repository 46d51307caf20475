/**
 * What is below `/api/auth`. Bodies and answers are JSON; an error is `{ "detail": "plain words" }` with its status
 * (400 wrong input, 401 wrong e-mail or password, 403 refused, 404 unknown link, 409 exists already, 415 not JSON,
 * 429 too many attempts, with `Retry-After` in seconds). Sign-in is a cookie: send `credentials: 'same-origin'`.
 *
 * | request | body | answer |
 * | --- | --- | --- |
 * | `GET /api/auth/session` (also `get-session`) | | `{ session: { id } or null, user: { id, name, email } or null }` |
 * | `POST /api/auth/sign-in/email` | `{ email, password, rememberMe? }` | `{ user }` and the cookie |
 * | `POST /api/auth/sign-in/oidc` | `{ callbackURL?, invitation? }`: a path of ours to return to; the token of an invitation | `{ url }`: go there |
 * | `GET /api/auth/callback/oidc` | the identity provider comes back here | redirect to `callbackURL`, or to `/sign-in?error=…&error_description=…` |
 * | `POST /api/auth/sign-out` | `{}` | `{ success: true }` |
 * | `POST /api/auth/setup` | `{ name, email, password, workspace }`: the first owner; 409 afterwards | `{ user, workspace: { slug } }` and the cookie |
 * | `GET /api/auth/invitations/TOKEN` | | `{ workspace, email or null, role, invited_by, sign_in: { password, oidc } }` |
 * | `POST /api/auth/invitations/TOKEN` | `{ name, email?, password }`, or `{}` when signed in | `{ user, workspace: { slug } }` and the cookie |
 * | `GET /api/auth/reset/TOKEN` | | `{ email }` |
 * | `POST /api/auth/reset` | `{ token, password }` | `{ user }` and the cookie; all other sessions end |
 * | `POST /api/auth/forgot` | `{ email }`: sends a link when mail is set up, whoever asks | `{ sent: true or false }`: false without mail |
 * | `POST /api/auth/change-password` | `{ current_password, password }` | `{ user }` and a new cookie; all other sessions end |
 *
 * Links that people get: `/invite/TOKEN` and `/reset/TOKEN`, pages of the web app.
 */
import { AppError, notFound } from '@whetstone/contract';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { z } from 'zod';
import { failure, inPlainWords, json, parse, readBody, requireOwnOrigin, shown, withCookies } from './auth/answers.ts';
import type { Auth } from './auth/auth.ts';
import type { BackOff } from './auth/back-off.ts';
import { invitationCookie, oidcProvider, peerHeader, type SignInRules } from './auth/rules.ts';
import { findPasswordHash, type UserRow } from './auth/store.ts';
import { StoreUnavailableError } from '../storage/index.ts';
import type { FirstRun } from './first-run.ts';
import type { Ground } from './ground.ts';
import type { Session } from './index.ts';
import type { Invitations } from './members/invitations.ts';
import type { ResetLinks } from './members/reset-links.ts';

export interface AuthRouteParts {
  ground: Ground;
  auth: () => Promise<Auth>;
  rules: SignInRules;
  backOff: BackOff;
  firstRun: FirstRun;
  invitations: Invitations;
  links: ResetLinks;
  mailIsSetUp: boolean;
  oidcIsSetUp: boolean;
  sessionOf: (headers: Headers) => Promise<Session | null>;
  /** Sessions or standing changed. */
  dropCaches(): void;
}

interface Call {
  request: Request;
  url: URL;
  ip: string;
  /** The last segment of a path with a token. */
  token: string;
  body: unknown;
}
type Handler = (parts: AuthRouteParts, call: Call) => Promise<Response>;

const MAX_TOKEN = 200;

const email = z
  .string()
  .max(320)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email('is not an e-mail address'));
const password = z.string().min(8, 'needs at least 8 characters').max(200, 'has at most 200 characters');
const name = z
  .string()
  .transform((text) => text.trim())
  .pipe(z.string().min(1, 'is empty').max(200));

const handlers: Record<string, Handler> = {
  'GET /session': session,
  'GET /get-session': session,
  'POST /sign-in/email': signIn,
  'POST /sign-in/oidc': startOidc,
  'GET /callback/oidc': (parts, call) => pass(parts, call, call.url.pathname, undefined),
  'POST /sign-out': (parts, call) => pass(parts, call, '/api/auth/sign-out', {}),
  'POST /setup': setUp,
  'GET /invitations/*': seeInvitation,
  'POST /invitations/*': acceptInvitation,
  'GET /reset/*': seeReset,
  'POST /reset': resetPassword,
  'POST /forgot': forgot,
  'POST /change-password': changePassword,
};

export async function handleAuth(parts: AuthRouteParts, request: Request, ip: string): Promise<Response> {
  try {
    const url = new URL(request.url);
    const path = url.pathname.replace(/^\/api\/auth(?=\/)/, '').replace(/\/+$/, '');
    const token = path.slice(path.lastIndexOf('/') + 1);
    const handler = own(`${request.method} ${path}`) ?? own(`${request.method} ${path.slice(0, path.lastIndexOf('/'))}/*`);
    if (handler === undefined || token.length > MAX_TOKEN) throw notFound('Path', url.pathname);
    if (path !== '/callback/oidc') requireOwnOrigin(request, url, parts.ground.url());
    const body = request.method === 'POST' ? await readBody(request) : undefined;
    const response = await parts.ground.audit.withIp(ip, () => handler(parts, { request, url, ip, token, body }));
    if (response.status < 400 && (request.method === 'POST' || path === '/callback/oidc')) parts.dropCaches();
    return await inPlainWords(response);
  } catch (error) {
    if (error instanceof AppError) return failure(error);
    if (error instanceof StoreUnavailableError) return failure(away(error));
    throw error;
  }
}

function away(cause: unknown): AppError {
  return new AppError('unavailable', 'This cannot be done now: the database is away. Try again in a moment.', {
    cause,
    retryAfterSeconds: 1,
  });
}

function own(route: string): Handler | undefined {
  return Object.hasOwn(handlers, route) ? handlers[route] : undefined;
}

async function session(parts: AuthRouteParts, { request }: Call): Promise<Response> {
  const found = await parts.sessionOf(request.headers);
  return json({ session: found && { id: found.id }, user: found?.user ?? null });
}

async function signIn(parts: AuthRouteParts, call: Call): Promise<Response> {
  const input = parse(call.body, z.object({ email, password: z.string().max(200), rememberMe: z.boolean().optional() }));
  const refusal = parts.rules.passwordsRefused();
  if (refusal !== null) throw new AppError('forbidden', refusal);
  const attempt = { ip: call.ip, account: input.email };
  await parts.backOff.begin(attempt);
  const response = await pass(parts, call, '/api/auth/sign-in/email', input);
  if (!response.ok) return response;
  await parts.backOff.succeed(attempt);
  const { user } = (await response.json()) as { user: UserRow };
  return withCookies(json({ user: shown(user) }), response);
}

async function startOidc(parts: AuthRouteParts, call: Call): Promise<Response> {
  const input = parse(
    call.body,
    z.object({ callbackURL: z.string().max(2_000).nullish(), invitation: z.string().max(MAX_TOKEN).nullish() }),
  );
  if (!parts.oidcIsSetUp) throw new AppError('not_found', 'Single sign-on is not set up on this server.');
  const back = input.callbackURL ?? '/';
  // A path of ours: `//host` and `/\host` name other sites to a browser.
  if (!/^\/(?![/\\])[^\\\s]*$/.test(back)) throw new AppError('bad_request', 'callbackURL must be a path of this site, such as /w/main.');
  const response = await pass(parts, call, '/api/auth/sign-in/social', {
    provider: oidcProvider,
    callbackURL: back,
    errorCallbackURL: '/sign-in',
    disableRedirect: true,
  });
  if (!response.ok) return response;
  const { url } = (await response.json()) as { url: string };
  const answer = withCookies(json({ url }), response);
  if (input.invitation != null && /^[0-9A-Za-z]+$/.test(input.invitation)) {
    const secure = parts.ground.url().startsWith('https:');
    const cookie = `${secure ? '__Host-' : ''}${invitationCookie}=${input.invitation}`;
    answer.headers.append('set-cookie', `${cookie}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`);
  }
  return answer;
}

async function setUp(parts: AuthRouteParts, call: Call): Promise<Response> {
  const input = parse(call.body, z.object({ name, email, password, workspace: name.pipe(z.string().max(100)) }));
  if (!(await parts.firstRun.needsOwner())) throw new AppError('conflict', 'This server has an owner already. Ask them for an invitation.');
  refusePasswords(parts);
  const passwordHash = await hashPassword(input.password);
  const made = await parts.firstRun.setUp({ name: input.name, email: input.email, passwordHash, workspace: input.workspace });
  return enter(parts, call, made.user, input.password, { workspace: { slug: made.slug } });
}

async function seeInvitation(parts: AuthRouteParts, { token }: Call): Promise<Response> {
  const found = await parts.invitations.see(token);
  if (found === null) throw new AppError('not_found', 'This invitation is unknown, used or out of date. Ask for a new one.');
  const { workspace, role, invitedBy } = found;
  const sign_in = { password: parts.rules.passwordsRefused() === null, oidc: parts.oidcIsSetUp };
  return json({ workspace, email: found.email, role, invited_by: invitedBy, sign_in });
}

async function acceptInvitation(parts: AuthRouteParts, call: Call): Promise<Response> {
  const current = await parts.sessionOf(call.request.headers);
  if (current !== null) {
    const { slug } = await parts.invitations.acceptAs(call.token, current.user.id);
    return json({ user: current.user, workspace: { slug } });
  }
  refusePasswords(parts);
  const invitation = await parts.invitations.see(call.token);
  if (invitation === null) throw new AppError('not_found', 'This invitation is unknown, used or out of date. Ask for a new one.');
  const input = parse(call.body, z.object({ name, email: email.nullish(), password }));
  const address = input.email ?? invitation.email;
  if (address === null) throw new AppError('bad_request', 'email: is missing');
  const passwordHash = await hashPassword(input.password);
  const { user, slug } = await parts.invitations.acceptAsNew(call.token, { name: input.name, email: address, passwordHash });
  return enter(parts, call, user, input.password, { workspace: { slug } });
}

async function seeReset(parts: AuthRouteParts, { token }: Call): Promise<Response> {
  const user = await parts.links.find(token);
  if (user === null) throw deadLink();
  return json({ email: user.email });
}

async function resetPassword(parts: AuthRouteParts, call: Call): Promise<Response> {
  const input = parse(call.body, z.object({ token: z.string().max(MAX_TOKEN), password }));
  refusePasswords(parts);
  const user = await parts.links.use(input.token, await hashPassword(input.password));
  if (user === null) throw deadLink();
  return enter(parts, call, user, input.password, {});
}

async function forgot(parts: AuthRouteParts, call: Call): Promise<Response> {
  const input = parse(call.body, z.object({ email }));
  refusePasswords(parts);
  await parts.backOff.begin({ ip: call.ip, account: `forgot ${input.email}` });
  await parts.links.send(input.email);
  return json({ sent: parts.mailIsSetUp });
}

async function changePassword(parts: AuthRouteParts, call: Call): Promise<Response> {
  const input = parse(call.body, z.object({ current_password: z.string().max(200), password }));
  refusePasswords(parts);
  const current = await parts.sessionOf(call.request.headers);
  if (current === null) throw new AppError('unauthenticated', 'Sign in first.');
  const attempt = { ip: call.ip, account: current.user.id };
  await parts.backOff.begin(attempt);
  const stored = await findPasswordHash(parts.ground.db, current.user.id);
  if (stored === null || !(await verifyPassword({ hash: stored, password: input.current_password }))) {
    throw new AppError('unauthenticated', 'The current password is not right.');
  }
  await parts.backOff.succeed(attempt);
  await parts.links.setPassword(current.user.id, await hashPassword(input.password));
  return enter(parts, call, current.user, input.password, {});
}

/** Signs in whoever has just set this password: through the same door as everyone, so that one rule holds for all. */
async function enter(
  parts: AuthRouteParts,
  call: Call,
  user: { id: string; name: string; email: string },
  secret: string,
  more: object,
): Promise<Response> {
  parts.dropCaches();
  const response = await pass(parts, call, '/api/auth/sign-in/email', { email: user.email, password: secret });
  if (!response.ok) return response;
  return withCookies(json({ user: shown(user), ...more }), response);
}

/** Hands a request to better-auth. */
async function pass(parts: AuthRouteParts, call: Call, pathname: string, body: object | undefined): Promise<Response> {
  const url = new URL(call.url);
  url.pathname = pathname;
  const headers = new Headers(call.request.headers);
  for (const header of ['content-length', 'content-type', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])
    headers.delete(header);
  headers.set(peerHeader, call.ip);
  const method = body === undefined ? 'GET' : 'POST';
  if (body !== undefined) headers.set('content-type', 'application/json');
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await (await parts.auth()).handler(new Request(url, { method, headers, ...init }));
  if (response.status >= 500) throw away(null);
  return response;
}

function refusePasswords(parts: AuthRouteParts): void {
  const refusal = parts.rules.passwordsRefused();
  if (refusal !== null) throw new AppError('forbidden', refusal);
}

function deadLink(): AppError {
  return new AppError('not_found', 'This link is unknown, used or out of date. Ask for a new one.');
}
