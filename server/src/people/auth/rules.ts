import type { OidcSettings } from '../people.ts';

/** Who may come in, and how. Each answers null for yes, or why not in plain words. */
export interface SignInRules {
  /** Asked before a person is made by signing in with the identity provider. */
  mayBeMade(input: { email: string; emailVerified: boolean; path: string; headers: Headers }): Promise<string | null>;
  /** Asked before every session, whichever way it is made. */
  mayEnter(input: { userId: string; path: string; headers: Headers }): Promise<string | null>;
  /** Whether passwords count at all: sign-in, reset, change, and an invitation answered with one. */
  passwordsRefused(): string | null;
}

export interface RuleParts {
  oidc: OidcSettings | null;
  needsOwner(): Promise<boolean>;
  /** Whether an open invitation is meant for this person: by the link they came with, or by a proven address. */
  invited(input: { email: string; emailVerified: boolean; token: string | null }): Promise<boolean>;
  /** Takes up what is open for this person: the invitation, or the first workspace of the instance. */
  welcome(userId: string, token: string | null): Promise<void>;
  hasWorkspace(userId: string): Promise<boolean>;
}

/** How the identity provider is named in paths and accounts. */
export const oidcProvider = 'oidc';
/** The address of the caller, set by us on every request that better-auth sees. */
export const peerHeader = 'x-whetstone-peer';
const callbackPath = '/callback/';
export const invitationCookie = 'whetstone.invitation';

export function createSignInRules(parts: RuleParts): SignInRules {
  const passwordsRefused = (): string | null =>
    parts.oidc?.enforced === true ? `Passwords are switched off here. Sign in with ${parts.oidc.name ?? 'single sign-on'}.` : null;

  return {
    passwordsRefused,
    async mayBeMade({ email, emailVerified, path, headers }) {
      if (!path.startsWith(callbackPath)) return 'People are added by an invitation.';
      if (await parts.needsOwner()) return null;
      if (await parts.invited({ email, emailVerified, token: invitationOf(headers) })) return null;
      return 'You are not a member yet. Ask an admin for an invitation, then open its link.';
    },
    async mayEnter({ userId, path, headers }) {
      const byProvider = path.startsWith(callbackPath);
      if (!byProvider) {
        const refusal = passwordsRefused();
        if (refusal !== null) return refusal;
      }
      if (byProvider) await parts.welcome(userId, invitationOf(headers));
      if (await parts.hasWorkspace(userId)) return null;
      return 'You are no longer a member of any workspace here, or are suspended. Ask an admin.';
    },
  };
}

/** The invitation that someone opened before they went to the identity provider. */
export function invitationOf(headers: Headers): string | null {
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=');
    if (name?.replace(/^__Host-/, '') === invitationCookie && value !== undefined && /^[0-9A-Za-z]+$/.test(value)) return value;
  }
  return null;
}
