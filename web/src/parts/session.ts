import { type Permission, type Role, roleMay } from '@whetstone/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import type { Answer } from '../api/client.ts';
import { query } from '../api/query.ts';

export type Me = Answer<'me.get'>;

/** Who is signed in and where. Below the workspace layout, which loads it first. */
export function useSession(): { me: Me; user: NonNullable<Me['user']>; workspace: NonNullable<Me['workspace']> } {
  const { data: me } = useSuspenseQuery(query('me.get'));
  if (me.user === null || me.workspace === null) throw new Error('You are not a member of this workspace.');
  return { me, user: me.user, workspace: me.workspace };
}

/** Whether the viewer's role allows something, for hiding what would be refused. */
export function useMay(permission: Permission): boolean {
  const { workspace } = useSession();
  return roleMay(workspace.role as Role, permission);
}
