import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { roleMay, type Role } from '@whetstone/contract';
import { Notice } from '../../kit/notice.tsx';
import { Select } from '../../kit/select.tsx';
import { useLinks } from '../../parts/links.ts';
import { useSession } from '../../parts/session.ts';
import { settingsSections, type SettingsSectionId } from '../../parts/settings-sections.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { AccountSettings } from './account.tsx';
import { AuditSettings } from './audit.tsx';
import { CredentialSettings } from './credentials.tsx';
import { EnvironmentSettings } from './environments.tsx';
import { ImportSettings } from './import/import.tsx';
import { KeySettings } from './keys.tsx';
import { LimitSettings } from './limits.tsx';
import { PeopleSettings } from './people.tsx';
import { PriceSettings } from './prices.tsx';
import { RetentionSettings } from './retention.tsx';
import { RouteSettings } from './routes.tsx';
import { SpanSettings } from './spans/spans.tsx';
import { StorageSettings } from './storage.tsx';
import { WebhookSettings } from './webhooks.tsx';
import { WorkspaceSettings } from './workspace.tsx';

const route = getRouteApi('/w/$slug/settings/$section');

const pages: Record<SettingsSectionId, () => ReactNode> = {
  account: AccountSettings,
  workspace: WorkspaceSettings,
  people: PeopleSettings,
  keys: KeySettings,
  limits: LimitSettings,
  credentials: CredentialSettings,
  routes: RouteSettings,
  environments: EnvironmentSettings,
  prices: PriceSettings,
  webhooks: WebhookSettings,
  spans: SpanSettings,
  retention: RetentionSettings,
  import: ImportSettings,
  storage: StorageSettings,
  audit: AuditSettings,
};

export function SettingsPage(): ReactNode {
  const { section: asked } = route.useParams();
  const { workspace } = useSession();
  const links = useLinks();
  const navigate = useNavigate();
  const visible = settingsSections.filter((one) => roleMay(workspace.role as Role, one.permission));
  const section = visible.find((one) => one.id === asked);
  const Page = section && pages[section.id];
  useEffect(() => {
    document.getElementById('page')?.scrollTo({ top: 0 });
  }, [asked]);
  return (
    <>
      <PageBar
        title={section?.label ?? 'Settings'}
        crumbs={[{ label: 'Settings', link: links.settings('workspace') }, { label: section?.label ?? asked }]}
      />
      <div className="mx-auto grid w-full max-w-280 gap-x-12 px-4 pt-5 pb-20 md:grid-cols-[176px_minmax(0,1fr)] md:px-8">
        <nav aria-label="Settings" className="sticky top-16 flex flex-col gap-px self-start max-md:hidden">
          {visible.map((one) => (
            <Link
              key={one.id}
              {...links.settings(one.id)}
              className="flex h-7 items-center rounded-md px-2 text-ink-2 hover:bg-hover hover:text-ink data-[status=active]:bg-pressed data-[status=active]:font-medium data-[status=active]:text-ink"
            >
              {one.label}
            </Link>
          ))}
        </nav>
        <div className="pb-5 md:hidden">
          <Select
            label="Settings"
            value={section?.id ?? null}
            options={visible.map((one) => ({ value: one.id, label: one.label }))}
            onChange={(id) => void navigate(links.settings(id))}
          />
        </div>
        <div className="min-w-0">
          {Page ? (
            <Page />
          ) : (
            <Notice kind="warning" title="You cannot see these settings">
              They do not exist, or your role ({workspace.role}) may not see them.
            </Notice>
          )}
        </div>
      </div>
    </>
  );
}
