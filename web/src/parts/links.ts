import type { LogSearch } from './logs/log-range.ts';
import { useMemo } from 'react';
import { useSession } from './session.ts';

/** Where things are, for `<Link {...links.log(id)}>` and `navigate(links.log(id))`: the only place that knows the addresses below a workspace. */
export function useLinks() {
  const { slug } = useSession().workspace;
  return useMemo(() => linksOf(slug), [slug]);
}

export function linksOf(slug: string) {
  const params = { slug };
  return {
    home: { to: '/w/$slug', params } as const,
    connect: { to: '/w/$slug/connect', params } as const,
    files: { to: '/w/$slug/files', params } as const,
    file: (fileId: string, search: { version?: string | undefined; beside?: string | undefined } = {}) =>
      ({ to: '/w/$slug/files/$fileId', params: { slug, fileId }, search }) as const,
    versions: (fileId: string, search: { from?: string | undefined; to?: string | undefined } = {}) =>
      ({ to: '/w/$slug/files/$fileId/versions', params: { slug, fileId }, search }) as const,
    fileLogs: (fileId: string, search: LogSearch = {}) =>
      ({ to: '/w/$slug/files/$fileId/logs', params: { slug, fileId }, search }) as const,
    deployments: (fileId: string) => ({ to: '/w/$slug/files/$fileId/deployments', params: { slug, fileId } }) as const,
    logs: (search: LogSearch = {}) => ({ to: '/w/$slug/logs', params, search }) as const,
    log: (logId: string) => ({ to: '/w/$slug/logs/$logId', params: { slug, logId } }) as const,
    playground: (logId: string) => ({ to: '/w/$slug/logs/$logId/playground', params: { slug, logId } }) as const,
    settings: (section: string) => ({ to: '/w/$slug/settings/$section', params: { slug, section } }) as const,
  };
}
export type Links = ReturnType<typeof linksOf>;
