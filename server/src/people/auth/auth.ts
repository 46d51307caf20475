import { APIError, betterAuth, type BetterAuthOptions } from 'better-auth';
import { getAdapter } from 'better-auth/db/adapter';
import { genericOAuth } from 'better-auth/plugins/generic-oauth';
import { type IdKind } from '@whetstone/domain';
import { type Ground, newId } from '../ground.ts';
import type { OidcSettings } from '../people.ts';
import { hashingTokens } from './adapter.ts';
import { oidcProvider, peerHeader, type SignInRules } from './rules.ts';
import { cookiePrefix, sessionSeconds } from './sessions.ts';
import { endUnprovenAccess, findUser } from './store.ts';

export interface AuthOptions {
  ground: Ground;
  /** Signs cookies and states. */
  secret: string;
  oidc: OidcSettings | null;
  rules: SignInRules;
}

export type Auth = Awaited<ReturnType<typeof makeAuth>>;

/** better-auth for passwords, sessions and OpenID Connect. Only the paths of `auth-routes.ts` reach it from outside. */
export async function makeAuth({ ground, secret, oidc, rules }: AuthOptions) {
  const url = new URL(ground.url());
  const secure = url.protocol === 'https:';
  const options = {
    appName: 'Whetstone',
    baseURL: url.origin,
    basePath: '/api/auth',
    secret,
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: { level: 'error', log: (_level, message) => ground.log.warn({ source: 'better-auth' }, message) },
    ...tables,
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 8, maxPasswordLength: 200, autoSignIn: false },
    verification: { ...tables.verification, storeIdentifier: 'hashed' },
    session: { ...tables.session, expiresIn: sessionSeconds, disableSessionRefresh: true },
    account: { ...tables.account, encryptOAuthTokens: true, accountLinking: { enabled: true, requireLocalEmailVerified: false } },
    // The browser's Origin is compared with the address it called before better-auth sees the request.
    trustedOrigins: (request) => (request === undefined ? [] : [new URL(request.url).origin, request.headers.get('origin') ?? '']),
    advanced: {
      cookiePrefix: cookiePrefix(url.href),
      useSecureCookies: false,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', secure, path: '/' },
      disableCSRFCheck: false,
      disableOriginCheck: false,
      ipAddress: { ipAddressHeaders: [peerHeader] },
      database: { generateId: ({ model }) => newId(idKinds[model] ?? 'user') },
    },
    onAPIError: { errorURL: `${url.origin}/sign-in` },
    databaseHooks: hooks(ground, rules),
    plugins: oidc === null ? [] : [oidcPlugin(oidc)],
  } satisfies BetterAuthOptions;
  // Without its transactions: the rules ask the database from within its hooks, and embedded there is one backend for all.
  const store = await getAdapter({ ...options, database: { db: ground.db, type: 'postgres', transaction: false } });
  return betterAuth({ ...options, database: () => hashingTokens(store) });
}

const idKinds: Record<string, IdKind> = { user: 'user', session: 'session' };

const times = { createdAt: 'created_at', updatedAt: 'updated_at' };
const tables = {
  user: { modelName: 'users', fields: { ...times, emailVerified: 'email_verified' } },
  session: {
    modelName: 'sessions',
    fields: { ...times, expiresAt: 'expires_at', ipAddress: 'ip_address', userAgent: 'user_agent', userId: 'user_id' },
  },
  account: {
    modelName: 'accounts',
    fields: {
      ...times,
      accountId: 'account_id',
      providerId: 'provider_id',
      userId: 'user_id',
      accessToken: 'access_token',
      refreshToken: 'refresh_token',
      idToken: 'id_token',
      accessTokenExpiresAt: 'access_token_expires_at',
      refreshTokenExpiresAt: 'refresh_token_expires_at',
    },
  },
  verification: { modelName: 'verifications', fields: { ...times, expiresAt: 'expires_at' } },
} as const satisfies Partial<BetterAuthOptions>;

/** The provider's tokens have told who someone is; nothing else is asked with them, so they are not kept. */
const withoutTokens = { accessToken: null, refreshToken: null, idToken: null };

interface HookContext {
  path?: string;
  headers?: Headers | undefined;
}

function hooks(ground: Ground, rules: SignInRules): NonNullable<BetterAuthOptions['databaseHooks']> {
  return {
    user: {
      create: {
        before: async (user, context) => {
          await refusing(() => rules.mayBeMade({ email: user.email, emailVerified: user.emailVerified, ...callOf(context) }));
        },
      },
    },
    session: {
      create: {
        // The one place that every session passes, whichever way it is made.
        before: async (session, context) => {
          await refusing(() => rules.mayEnter({ userId: session.userId, ...callOf(context) }));
        },
      },
    },
    account: {
      create: {
        before: async (account) => {
          if (account.providerId !== oidcProvider) return undefined;
          const user = await findUser(ground.db, account.userId);
          if (user !== undefined && !user.email_verified) await endUnprovenAccess(ground.db, user.id, ground.now());
          return { data: withoutTokens };
        },
      },
      update: { before: async () => ({ data: withoutTokens }) },
    },
  };
}

function callOf(context: HookContext | null): { path: string; headers: Headers } {
  return { path: context?.path ?? '', headers: context?.headers ?? new Headers() };
}

/** A rule's plain "no" as better-auth passes it on: the code makes it a redirect with words on the OIDC path. */
async function refusing(rule: () => Promise<string | null>): Promise<void> {
  const refusal = await rule();
  if (refusal !== null) throw new APIError('FORBIDDEN', { message: refusal, code: 'refused' });
}

function oidcPlugin(oidc: OidcSettings) {
  return genericOAuth({
    config: [
      {
        providerId: oidcProvider,
        name: oidc.name ?? 'single sign-on',
        discoveryUrl: `${oidc.issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`,
        clientId: oidc.clientId,
        clientSecret: oidc.clientSecret,
        scopes: ['openid', 'profile', 'email'],
        pkce: true,
        requireIdTokenVerification: true,
      },
    ],
  });
}
