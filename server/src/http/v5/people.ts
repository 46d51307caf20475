import { notFound, type Scope } from '@whetstone/contract';
import type { ApiKey, Invitation, Member, WorkspaceSettings } from '../../people/index.ts';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';
import { requireSession } from './instance.ts';

type Own = 'workspaces' | 'workspace' | 'members' | 'invitations' | 'api_keys' | 'audit';

/** Workspaces, members, keys and what was done to them. */
export function peopleHandlers({ people, files }: Rooms): HandlersOf<Own> {
  const presentInvitations = async (invitations: readonly (Invitation & { url?: string })[]) => {
    const names = await people.users.names(invitations.map(({ invitedBy }) => invitedBy));
    return invitations.map((invitation) => presentInvitation(invitation, names.get(invitation.invitedBy)));
  };
  /** Keys are bound by id, and shown and made by name. */
  const environmentNames = async (scope: Scope) => new Map((await files.environments.list(scope)).map(({ id, name }) => [id, name]));
  return {
    async 'workspaces.create'({ session, body }) {
      return presentWorkspace(
        await people.workspaces.create(requireSession(session).user.id, { name: body.name, slug: body.slug ?? null }),
      );
    },
    async 'workspace.get'({ scope }) {
      return presentWorkspace(await people.workspaces.get(scope));
    },
    async 'workspace.update'({ scope, body }) {
      return presentWorkspace(
        await people.workspaces.update(scope, {
          ...(body.name === undefined ? {} : { name: body.name }),
          ...(body.retention_days === undefined ? {} : { retentionDays: body.retention_days }),
          ...(body.environment_retention_days === undefined ? {} : { environmentRetentionDays: body.environment_retention_days }),
          ...(body.redaction === undefined ? {} : { redaction: body.redaction }),
        }),
      );
    },
    async 'workspace.delete'({ scope, query }) {
      await people.workspaces.delete(scope, query.confirm);
    },
    async 'workspace.transfer'({ scope, body }) {
      return { records: (await people.workspaces.transfer(scope, body.user_id)).map(presentMember) };
    },
    async 'members.list'({ scope }) {
      return { records: (await people.members.list(scope)).map(presentMember) };
    },
    async 'members.update'({ scope, params, body }) {
      return presentMember(await people.members.update(scope, params.id, body));
    },
    async 'members.remove'({ scope, params }) {
      await people.members.remove(scope, params.id);
    },
    async 'members.reset_link'({ scope, params }) {
      const { url, expiresAt } = await people.members.resetLink(scope, params.id);
      return { url, expires_at: expiresAt.toISOString() };
    },
    async 'invitations.list'({ scope }) {
      return { records: await presentInvitations(await people.invitations.list(scope)) };
    },
    async 'invitations.create'({ scope, body }) {
      const [invitation] = await presentInvitations([await people.invitations.create(scope, body)]);
      return invitation as NonNullable<typeof invitation>;
    },
    async 'invitations.revoke'({ scope, params }) {
      await people.invitations.revoke(scope, params.id);
    },
    async 'api_keys.list'({ scope }) {
      const names = await environmentNames(scope);
      return { records: (await people.keys.list(scope)).map((key) => presentKey(key, names, null)) };
    },
    async 'api_keys.create'({ scope, body }) {
      const names = await environmentNames(scope);
      const named = body.environment ?? null;
      const environment = named === null ? null : ([...names].find(([id, name]) => name === named || id === named)?.[0] ?? null);
      if (named !== null && environment === null) throw notFound('Environment', named);
      const key = await people.keys.create(scope, {
        name: body.name,
        role: body.role,
        environment,
        expiresAt: body.expires_at == null ? null : new Date(body.expires_at),
        origins: body.origins,
      });
      return presentKey(key, names, key.key);
    },
    async 'api_keys.update'({ scope, params, body }) {
      return presentKey(await people.keys.setOrigins(scope, params.id, body.origins), await environmentNames(scope), null);
    },
    async 'api_keys.revoke'({ scope, params }) {
      await people.keys.revoke(scope, params.id);
    },
    async 'audit.list'({ scope, query }) {
      const { records, total } = await people.audit.list(scope, query);
      return { records: records.map((entry) => ({ ...entry, at: entry.at.toISOString() })), page: query.page, size: query.size, total };
    },
  };
}

function presentWorkspace(workspace: WorkspaceSettings) {
  return {
    id: workspace.id,
    slug: workspace.slug,
    name: workspace.name,
    created_at: workspace.createdAt.toISOString(),
    retention_days: workspace.retentionDays,
    environment_retention_days: workspace.environmentRetentionDays,
    redaction: workspace.redaction,
  };
}

function presentMember(member: Member) {
  return {
    id: member.id,
    name: member.name,
    email: member.email,
    role: member.role,
    suspended: member.suspended,
    joined_at: member.joinedAt.toISOString(),
    last_seen_at: member.lastSeenAt?.toISOString() ?? null,
  };
}

function presentInvitation(invitation: Invitation & { url?: string }, inviter: { name: string; email: string | null } | undefined) {
  return {
    id: invitation.id,
    email: invitation.email,
    role: invitation.role,
    created_at: invitation.createdAt.toISOString(),
    expires_at: invitation.expiresAt.toISOString(),
    invited_by: { id: invitation.invitedBy, name: inviter?.name ?? null, email: inviter?.email ?? null },
    url: invitation.url ?? null,
  };
}

function presentKey(key: ApiKey, environments: ReadonlyMap<string, string>, secret: string | null) {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    role: key.role,
    // The id of one that is gone: the key can do nothing.
    environment: key.environment === null ? null : (environments.get(key.environment) ?? key.environment),
    created_at: key.createdAt.toISOString(),
    created_by: key.createdBy,
    expires_at: key.expiresAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    origins: key.origins,
    key: secret,
  };
}
