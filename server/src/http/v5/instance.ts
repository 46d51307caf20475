import { AppError, type Scope } from '@whetstone/contract';
import type { Handlers } from './call.ts';
import type { Rooms } from './handlers.ts';

type Own = 'instance.get' | 'me.get' | 'me.update' | 'me.sessions' | 'me.end_session' | 'storage.get' | 'connect.get';

/** What the server is, who is calling, and how the stores are. */
export function instanceHandlers(rooms: Rooms): Handlers<Own> {
  const { people } = rooms;
  const me: Handlers['me.get'] = async ({ scope, session }) => {
    const workspaces = session === null ? [] : await people.workspaces.ofUser(session.user.id);
    return {
      user: session?.user ?? null,
      workspaces,
      workspace: scope === null ? null : await current(rooms, scope),
      may_make_workspaces: session !== null && (await people.workspaces.mayCreate(session.user.id)),
    };
  };
  return {
    async 'instance.get'() {
      const methods = people.signInMethods();
      return {
        version: rooms.version,
        url: publicUrl(rooms),
        needs_owner: await people.needsOwner(),
        sign_in: { password: methods.password, oidc: methods.oidc, oidc_name: methods.oidcName },
      };
    },
    'me.get': me,
    async 'me.update'(call) {
      const session = requireSession(call.session);
      await people.users.rename(session.user.id, call.body.name);
      return me({ ...call, session: { ...session, user: { ...session.user, name: call.body.name } } } as never);
    },
    async 'me.sessions'({ session }) {
      const records = await people.sessions.list(requireSession(session));
      return {
        records: records.map((entry) => ({
          id: entry.id,
          created_at: entry.createdAt.toISOString(),
          last_seen_at: entry.lastSeenAt.toISOString(),
          ip: entry.ip,
          user_agent: entry.userAgent,
          current: entry.current,
        })),
      };
    },
    async 'me.end_session'({ session, params }) {
      await people.sessions.end(requireSession(session), params.id);
    },
    async 'storage.get'() {
      const [health, sizes] = await Promise.all([rooms.storage.health(), rooms.operate.sizes()]);
      return {
        edition: {
          control: rooms.config.databaseUrl === null ? ('embedded' as const) : ('server' as const),
          logs: rooms.config.clickhouseUrl === null ? ('embedded' as const) : ('server' as const),
        },
        postgres: { ok: health.postgres.ok, error: health.postgres.error, bytes: sizes.postgresBytes },
        clickhouse: { ok: health.clickhouse.ok, error: health.clickhouse.error, logs: sizes.logRows, bytes: sizes.clickhouseBytes },
        intake: intake(rooms),
        disk: { free_bytes: sizes.diskFreeBytes },
        sandbox: sandbox(rooms),
      };
    },
    async 'connect.get'({ scope, query }) {
      const from = query.since == null ? null : new Date(query.since);
      const filter = { origins: ['api', 'gateway', 'otel', 'agent'] as const, from };
      const { records, total } = await rooms.logs.list(scope, filter, { page: 1, size: 1, payload: false, count: true });
      const [last] = await rooms.presentLogs.logs(scope, records, { judgments: false });
      return { url: publicUrl(rooms), last_log: last ?? null, applications: total };
    },
  };
}

export function publicUrl(rooms: Pick<Rooms, 'config'>): string {
  const { publicUrl: url, host, port } = rooms.config;
  return url === null
    ? `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`
    : url.origin + url.pathname.replace(/\/$/, '');
}

function sandbox(rooms: Rooms) {
  const state = rooms.sandbox.state();
  return {
    level: state?.level ?? null,
    python: state?.python.version ?? null,
    why: state?.javascript.why ?? state?.python.why ?? null,
  };
}

function intake(rooms: Rooms) {
  const backlog = rooms.logs.backlog();
  return { waiting: backlog.waiting, oldest_seconds: backlog.oldestSeconds, dropped: backlog.dropped, error: backlog.error };
}

async function current(rooms: Rooms, scope: Scope) {
  const workspace = await rooms.people.workspaces.get(scope);
  return { id: workspace.id, slug: workspace.slug, name: workspace.name, role: scope.actor.role, demo: workspace.demo };
}

export function requireSession<S>(session: S | null): S {
  if (session === null) throw new AppError('unauthenticated', 'Sign in first: this is about a person, not an API key.');
  return session;
}
