/** Who may do what. A role is a set of permissions; every endpoint names the one permission it needs. */

export const roles = ['feedback', 'gateway', 'viewer', 'reviewer', 'editor', 'admin', 'owner'] as const;
export type Role = (typeof roles)[number];

/** Roles that a person can hold in a workspace, weakest first. */
export const memberRoles = ['viewer', 'reviewer', 'editor', 'admin', 'owner'] as const;
export type MemberRole = (typeof memberRoles)[number];

/** Roles that an API key can hold. */
export const keyRoles = ['feedback', 'gateway', 'viewer', 'reviewer', 'editor', 'admin'] as const;
export type KeyRole = (typeof keyRoles)[number];

/**
 * - `public`: anyone. `session`: a signed-in person, with or without a workspace.
 * - `fetch`: ask for a file's version, as an application does before it calls a model itself.
 * - `call`: run a version. `log`: write logs. `feedback`: write end users' judgments.
 * - `read`, `judge`, `write`, `deploy` (a protected environment needs `admin` too), `admin`, `owner`.
 */
export const permissions = [
  'public',
  'session',
  'feedback',
  'log',
  'call',
  'fetch',
  'read',
  'judge',
  'write',
  'deploy',
  'admin',
  'owner',
] as const;
export type Permission = (typeof permissions)[number];

const viewer: Permission[] = ['read', 'fetch'];
const reviewer: Permission[] = [...viewer, 'judge', 'feedback'];
const editor: Permission[] = [...reviewer, 'log', 'call', 'write', 'deploy'];
const admin: Permission[] = [...editor, 'admin'];

const granted: Record<Role, ReadonlySet<Permission>> = {
  feedback: new Set<Permission>(['feedback']),
  gateway: new Set<Permission>(['call', 'log', 'feedback', 'fetch']),
  viewer: new Set(viewer),
  reviewer: new Set(reviewer),
  editor: new Set(editor),
  admin: new Set(admin),
  owner: new Set<Permission>([...admin, 'owner']),
};

/** Whether a role holds a permission. `public` and `session` are decided at the door, not by role. */
export function roleMay(role: Role, permission: Permission): boolean {
  if (permission === 'public' || permission === 'session') return true;
  return granted[role].has(permission);
}

/** `environment` of a key: the id of the only one that it may use. */
export type Actor =
  | { type: 'user'; id: string; name: string; email: string; role: MemberRole }
  | { type: 'key'; id: string; name: string; role: KeyRole; environment: string | null }
  | { type: 'system'; id: string; name: string; role: 'admin' };

/** Whose data, and on whose behalf. The first argument of every verb of every room. */
export interface Scope {
  workspaceId: string;
  actor: Actor;
}

/** A scope for work that the server does by itself (retention, demo data, jobs). */
export function systemScope(workspaceId: string, name: string): Scope {
  return { workspaceId, actor: { type: 'system', id: `system:${name}`, name, role: 'admin' } };
}
