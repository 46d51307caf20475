import type { Actor, KeyRole, MemberRole, Scope } from '@whetstone/contract';
import type { Transaction } from 'kysely';
import type { InitialAccess } from './first-run.ts';

export { createPeople, type OidcSettings, type PeopleDeps } from './people.ts';
export type { OperatorCredential } from './credentials/credentials.ts';
export { createMail, type Mail } from './auth/mail.ts';
export { openVault, type Vault } from './credentials/vault.ts';

/** Workspaces, members, sessions, API keys, provider credentials and the audit log. */
export interface People {
  /** The scope of an API key; null when unknown, revoked or expired. Cached at most a second; the last known answer serves 60 s while PostgreSQL is away. */
  scopeOfKey(key: string): Promise<Scope | null>;
  /** Whether a key is publishable and names the origin of a page; as fresh as `scopeOfKey`. */
  keyNamesOrigin(key: string, origin: string): Promise<boolean>;
  /** Whether any publishable key of the instance does. */
  originIsNamed(origin: string): Promise<boolean>;
  /** The signed-in person of a request's cookies; null without a valid session. Every path that makes a session passes one function. */
  sessionOf(headers: Headers): Promise<Session | null>;
  /** The scope of a person in a workspace named by slug or id; null when not a member, removed or suspended. */
  scopeOfMember(userId: string, workspace: string): Promise<Scope | null>;
  /** Answers every request below `/api/auth`: sign-in, sign-out, sign-up of the first owner, invitations, reset links, OIDC. */
  handleAuth(request: Request, ip: string): Promise<Response>;

  /** Whether the instance still has no owner. */
  needsOwner(): Promise<boolean>;
  /** Headless first run (`WHETSTONE_INIT_*`): the owner of the workspace `main` and a key with all rights, made if absent. Call it after `workspaces.onCreated`; replicas may call it at once. */
  ensureInitial(initial: InitialAccess): Promise<void>;
  /** At start: seals again what an older master key sealed. Returns how many. */
  rotateCredentials(): Promise<number>;
  signInMethods(): { password: boolean; oidc: boolean; oidcName: string | null };

  workspaces: {
    ofUser(userId: string): Promise<{ id: string; slug: string; name: string; role: MemberRole }[]>;
    /** A workspace may use the operator's credentials, so making one takes owning one, unless the operator lets everybody. */
    mayCreate(userId: string): Promise<boolean>;
    /** Makes a workspace owned by the user, then calls every `onCreated`. 403 for whom `mayCreate` refuses. */
    create(userId: string, input: { name: string; slug?: string | null }): Promise<WorkspaceSettings>;
    get(scope: Scope): Promise<WorkspaceSettings>;
    update(
      scope: Scope,
      patch: Partial<Pick<WorkspaceSettings, 'name' | 'retentionDays' | 'environmentRetentionDays' | 'redaction'>>,
    ): Promise<WorkspaceSettings>;
    /** `confirm` must equal the slug. */
    delete(scope: Scope, confirm: string): Promise<void>;
    transfer(scope: Scope, userId: string): Promise<Member[]>;
    all(): Promise<WorkspaceSettings[]>;
    /**
     * The demo workspace, made once per installation and owned by whoever owns another; null when it was deleted since.
     * One that was begun and not finished is deleted and made anew.
     */
    ensureDemo(): Promise<WorkspaceSettings | null>;
    setDemo(workspaceId: string, state: DemoState): Promise<void>;
    onCreated(listener: (workspace: WorkspaceSettings) => Promise<void>): void;
    onDeleted(listener: (workspaceId: string) => Promise<void>): void;
  };
  members: {
    list(scope: Scope): Promise<Member[]>;
    update(scope: Scope, userId: string, patch: { role?: MemberRole | undefined; suspended?: boolean | undefined }): Promise<Member>;
    remove(scope: Scope, userId: string): Promise<void>;
    resetLink(scope: Scope, userId: string): Promise<{ url: string; expiresAt: Date }>;
    /** For the command on the server: no scope, found by e-mail. */
    resetLinkByEmail(email: string): Promise<{ url: string; expiresAt: Date }>;
  };
  invitations: {
    list(scope: Scope): Promise<Invitation[]>;
    create(scope: Scope, input: { email?: string | null | undefined; role: MemberRole }): Promise<Invitation & { url: string }>;
    revoke(scope: Scope, id: string): Promise<void>;
  };
  sessions: {
    list(session: Session): Promise<SessionEntry[]>;
    end(session: Session, id: string): Promise<void>;
  };
  users: {
    rename(userId: string, name: string): Promise<void>;
    /** Names for ids of users and keys, for `created_by`; unknown ids are absent. */
    names(ids: readonly string[]): Promise<Map<string, { name: string; email: string | null }>>;
  };
  keys: {
    list(scope: Scope): Promise<ApiKey[]>;
    /** `key` is in this answer only; stored as SHA-256. */
    create(
      scope: Scope,
      input: {
        name: string;
        role: KeyRole;
        environment?: string | null | undefined;
        expiresAt?: Date | null | undefined;
        origins?: readonly string[] | null | undefined;
      },
    ): Promise<ApiKey & { key: string }>;
    /** Of a publishable key. */
    setOrigins(scope: Scope, id: string, origins: readonly string[]): Promise<ApiKey>;
    revoke(scope: Scope, id: string): Promise<void>;
  };
  credentials: {
    list(scope: Scope): Promise<Credential[]>;
    create(
      scope: Scope,
      input: {
        name: string;
        provider: string;
        secret: string;
        baseUrl?: string | null | undefined;
        settings?: Record<string, string> | undefined;
      },
    ): Promise<Credential>;
    update(
      scope: Scope,
      id: string,
      patch: {
        name?: string | undefined;
        secret?: string | undefined;
        baseUrl?: string | null | undefined;
        settings?: Record<string, string> | undefined;
      },
    ): Promise<Credential>;
    delete(scope: Scope, id: string): Promise<void>;
    /** By name, or the first of a provider (the workspace's before the operator's); null when there is none. Decrypted, cached like keys. */
    resolve(scope: Scope, nameOrProvider: string): Promise<UsableCredential | null>;
    resolveById(scope: Scope, id: string): Promise<UsableCredential | null>;
  };
  audit: {
    /** With a transaction the entry stands or falls with the change it tells of. */
    record(scope: Scope, entry: AuditInput, transaction?: Transaction<never>): Promise<void>;
    /** Entries recorded while `work` runs carry this address. */
    withIp<T>(ip: string, work: () => T): T;
    /** `action` and `actor` (a name, or a whole id) match in part, whatever the case: `key` finds `api_key.created`. */
    list(
      scope: Scope,
      query: { page: number; size: number; action?: string | null | undefined; actor?: string | null | undefined },
    ): Promise<{ records: AuditEntry[]; total: number }>;
  };
  close(): Promise<void>;
}

export type { InitialAccess };
export type DemoState = 'none' | 'loading' | 'ready' | 'failed';

export interface Session {
  id: string;
  user: { id: string; name: string; email: string };
}
export interface SessionEntry {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
  ip: string | null;
  userAgent: string | null;
  current: boolean;
}
export interface RedactionRule {
  name: string;
  kind: 'field' | 'pattern';
  match: string;
  replacement: string;
}
export interface WorkspaceSettings {
  id: string;
  slug: string;
  name: string;
  createdAt: Date;
  retentionDays: number | null;
  environmentRetentionDays: Record<string, number | null>;
  redaction: RedactionRule[];
  demo: DemoState;
}
export interface Member {
  id: string;
  name: string;
  email: string;
  role: MemberRole;
  suspended: boolean;
  joinedAt: Date;
  lastSeenAt: Date | null;
}
export interface Invitation {
  id: string;
  email: string | null;
  role: MemberRole;
  createdAt: Date;
  expiresAt: Date;
  invitedBy: string;
}
export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  role: KeyRole;
  environment: string | null;
  createdAt: Date;
  createdBy: string | null;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  /** Of a publishable key, the pages that may send with it. */
  origins: string[];
}
export interface Credential {
  id: string;
  name: string;
  provider: string;
  baseUrl: string | null;
  /** By the names of `credentialFieldsOf` the provider. */
  settings: Record<string, string>;
  hint: string;
  source: 'workspace' | 'operator' | 'built-in';
  createdAt: Date | null;
  lastUsedAt: Date | null;
}
export interface UsableCredential extends Credential {
  secret: string;
  /** Of a temporary key, from the operator's environment. */
  sessionToken?: string;
  /** Whether the base URL may be a private address: only the operator's may. */
  privateAllowed: boolean;
}
export interface AuditInput {
  action: string;
  target?: { type: string; id: string; name: string } | null;
  data?: Record<string, unknown>;
}
export interface AuditEntry {
  id: string;
  at: Date;
  actor: Pick<Actor, 'type' | 'id' | 'name'>;
  action: string;
  target: { type: string; id: string; name: string } | null;
  data: Record<string, unknown>;
  ip: string | null;
}
