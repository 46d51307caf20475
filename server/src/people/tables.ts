import type { KeyRole, MemberRole } from '@whetstone/contract';
import type { ColumnType, Kysely, Transaction } from 'kysely';
import type { DemoState } from './index.ts';

/** What migration `0010-people.sql` makes. jsonb is read parsed and written as text. */
type Json<T> = ColumnType<T, string | undefined, string>;
type WithDefault<T> = ColumnType<T, T | undefined, T>;

export interface UserTable {
  id: string;
  name: string;
  email: string;
  email_verified: WithDefault<boolean>;
  image: WithDefault<string | null>;
  created_at: WithDefault<Date>;
  updated_at: WithDefault<Date>;
}
export interface SessionTable {
  id: string;
  user_id: string;
  token: string;
  expires_at: Date;
  ip_address: string | null;
  user_agent: string | null;
  created_at: WithDefault<Date>;
  updated_at: WithDefault<Date>;
}
export interface AccountTable {
  id: string;
  user_id: string;
  provider_id: string;
  account_id: string;
  password: string | null;
  created_at: WithDefault<Date>;
  updated_at: WithDefault<Date>;
}
export interface WorkspaceTable {
  id: string;
  slug: string;
  name: string;
  created_at: Date;
  retention_days: WithDefault<number | null>;
  environment_retention_days: Json<Record<string, number | null>>;
  redaction: Json<{ name: string; kind: 'field' | 'pattern'; match: string; replacement: string }[]>;
  demo: WithDefault<DemoState>;
}
export interface MemberTable {
  workspace_id: string;
  user_id: string;
  role: MemberRole;
  suspended: WithDefault<boolean>;
  joined_at: Date;
  last_seen_at: WithDefault<Date | null>;
}
export interface InvitationTable {
  id: string;
  workspace_id: string;
  token_hash: string;
  email: string | null;
  role: MemberRole;
  created_at: Date;
  expires_at: Date;
  invited_by: string;
  accepted_at: WithDefault<Date | null>;
  accepted_by: WithDefault<string | null>;
}
export interface ResetLinkTable {
  id: string;
  user_id: string;
  token_hash: string;
  created_at: Date;
  expires_at: Date;
  used_at: WithDefault<Date | null>;
}
export interface SignInAttemptTable {
  key: string;
  attempts: number;
  last_at: Date;
  blocked_until: Date | null;
}
export interface ApiKeyTable {
  id: string;
  workspace_id: string;
  name: string;
  prefix: string;
  hash: string;
  role: KeyRole;
  environment: string | null;
  created_at: Date;
  created_by: string | null;
  expires_at: Date | null;
  last_used_at: WithDefault<Date | null>;
  revoked_at: WithDefault<Date | null>;
  origins: string[];
}
export interface SecretKeyTable {
  id: string;
  proof: string;
  created_at: WithDefault<Date>;
}
export interface CredentialTable {
  id: string;
  workspace_id: string;
  name: string;
  provider: string;
  base_url: string | null;
  settings: Json<Record<string, string>>;
  secret: string;
  hint: string;
  created_at: Date;
  last_used_at: WithDefault<Date | null>;
}
export interface AuditEntryTable {
  id: string;
  workspace_id: string;
  at: Date;
  actor_type: string;
  actor_id: string;
  actor_name: string;
  action: string;
  target: Json<{ type: string; id: string; name: string } | null>;
  data: Json<Record<string, unknown>>;
  ip: string | null;
}

export interface PeopleTables {
  users: UserTable;
  sessions: SessionTable;
  accounts: AccountTable;
  workspaces: WorkspaceTable;
  members: MemberTable;
  invitations: InvitationTable;
  reset_links: ResetLinkTable;
  sign_in_attempts: SignInAttemptTable;
  api_keys: ApiKeyTable;
  secret_keys: SecretKeyTable;
  credentials: CredentialTable;
  audit_entries: AuditEntryTable;
}
/** The database, or an open transaction on it. */
export type Db = Kysely<PeopleTables> | Transaction<PeopleTables>;
export type Tx = Transaction<PeopleTables>;
