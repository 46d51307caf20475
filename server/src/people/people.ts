import type { Storage } from '../storage/index.ts';
import { createAudit, createAuditTrail } from './audit/audit.ts';
import { handleAuth } from './auth-routes.ts';
import type { Auth } from './auth/auth.ts';
import { createBackOff } from './auth/back-off.ts';
import { createMail } from './auth/mail.ts';
import { createSignInRules } from './auth/rules.ts';
import { createSessions } from './auth/sessions.ts';
import { findUser } from './auth/store.ts';
import { createCredentials, type OperatorCredential } from './credentials/credentials.ts';
import type { Vault } from './credentials/vault.ts';
import { createFirstRun } from './first-run.ts';
import type { Ground, PeopleLog } from './ground.ts';
import type { People } from './index.ts';
import { createKeys } from './keys/keys.ts';
import { createInvitations } from './members/invitations.ts';
import { createMembers } from './members/members.ts';
import { createResetLinks } from './members/reset-links.ts';
import { readMemberships } from './members/store.ts';
import type { PeopleTables } from './tables.ts';
import { createUsers } from './users.ts';
import { createWorkspaces } from './workspaces/workspaces.ts';

export interface OidcSettings {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Nobody signs in with a password. */
  enforced: boolean;
  name: string | null;
}

export interface PeopleDeps {
  storage: Pick<Storage, 'database'>;
  vault: Vault;
  /** The public URL without a trailing slash; asked when it is needed, for the port may be known only then. */
  url: () => string;
  log: PeopleLog;
  oidc: OidcSettings | null;
  smtpUrl: string | null;
  operatorCredentials: readonly OperatorCredential[];
  /** Throws, or rejects with, an AppError for a URL that a user may not name; what it returns is not looked at. */
  checkUrl: (url: string) => unknown;
  allowPrivateUrls: boolean;
  /** Whoever is signed in may make a workspace; else only who owns one already. */
  openWorkspaces: boolean;
  now?: () => Date;
}

export function createPeople(deps: PeopleDeps): People {
  const { log, oidc, vault, now = () => new Date() } = deps;
  const db = deps.storage.database<PeopleTables>();
  const ground: Ground = { db, now, log, url: deps.url, audit: createAuditTrail(now) };
  const mail = deps.smtpUrl === null ? null : createMail(deps.smtpUrl, log);
  const secret = vault.derive('sessions');

  const dropCaches = (): void => {
    keys.dropAll();
    sessions.dropAll();
    members.dropAll();
  };
  const sessions = createSessions(ground, secret);
  const keys = createKeys(ground);
  const links = createResetLinks(ground, mail);
  const members = createMembers(ground, { links, dropSessions: () => sessions.dropAll() });
  const workspaces = createWorkspaces(ground, { dropCaches, open: deps.openWorkspaces });
  const invitations = createInvitations(ground, { mail, dropCaches });
  const credentials = createCredentials(ground, {
    vault,
    operator: deps.operatorCredentials,
    checkUrl: deps.checkUrl,
    allowPrivateUrls: deps.allowPrivateUrls,
  });
  const users = createUsers(ground, dropCaches);

  let made: Promise<Auth> | undefined;
  // Loaded by the first who signs in: 40 MB that the start, and a replica that only serves calls, can do without.
  const auth = (): Promise<Auth> => (made ??= import('./auth/auth.ts').then(({ makeAuth }) => makeAuth({ ground, secret, oidc, rules })));
  const firstRun = createFirstRun(ground, { workspaces, keys, dropCaches });
  const rules = createSignInRules({
    oidc,
    needsOwner: firstRun.needsOwner,
    invited: invitations.isMeant,
    async welcome(userId, token) {
      const user = await findUser(db, userId);
      if (user === undefined || (await firstRun.adoptFirst(user))) return;
      await invitations.takeUp(userId, token);
    },
    hasWorkspace: async (userId) => (await readMemberships(db, userId)).length > 0,
  });
  const routes = {
    ground,
    auth,
    rules,
    backOff: createBackOff(ground),
    firstRun,
    invitations,
    links,
    mailIsSetUp: mail !== null,
    oidcIsSetUp: oidc !== null,
    sessionOf: sessions.of,
    // Not the keys: no visitor may make the gateway forget what serves while the database is away.
    dropCaches: (): void => {
      sessions.dropAll();
      members.dropAll();
    },
  };

  return {
    scopeOfKey: keys.scopeOf,
    keyNamesOrigin: keys.namesOrigin,
    originIsNamed: keys.originIsNamed,
    sessionOf: sessions.of,
    scopeOfMember: members.scopeOf,
    handleAuth: (request, ip) => handleAuth(routes, request, ip),
    needsOwner: firstRun.needsOwner,
    signInMethods: () => ({ password: oidc?.enforced !== true, oidc: oidc !== null, oidcName: oidc?.name ?? null }),
    ensureInitial: firstRun.ensure,
    rotateCredentials: credentials.rotate,
    workspaces: workspaces.verbs,
    members: members.verbs,
    invitations: invitations.verbs,
    sessions: sessions.verbs,
    users,
    keys: keys.verbs,
    credentials: credentials.verbs,
    audit: createAudit(db, ground.audit),
    async close() {
      await Promise.all([keys.close(), sessions.close(), members.close(), credentials.close(), mail?.close()]);
    },
  };
}
