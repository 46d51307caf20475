import type { Permission } from '@whetstone/contract';

export interface SettingsSection {
  id: string;
  label: string;
  /** What a person needs to see it. */
  permission: Permission;
}

/** The pages of the settings, in order. */
export const settingsSections = [
  { id: 'account', label: 'My account', permission: 'session' },
  { id: 'workspace', label: 'Workspace', permission: 'read' },
  { id: 'people', label: 'People', permission: 'read' },
  { id: 'keys', label: 'API keys', permission: 'admin' },
  { id: 'limits', label: 'Limits', permission: 'admin' },
  { id: 'credentials', label: 'Model credentials', permission: 'read' },
  { id: 'routes', label: 'Routes', permission: 'read' },
  { id: 'environments', label: 'Environments', permission: 'read' },
  { id: 'prices', label: 'Prices', permission: 'read' },
  { id: 'webhooks', label: 'Webhooks', permission: 'admin' },
  { id: 'spans', label: 'Rules for spans', permission: 'read' },
  { id: 'retention', label: 'Retention and redaction', permission: 'read' },
  { id: 'import', label: 'Import and export', permission: 'admin' },
  { id: 'storage', label: 'Storage and intake', permission: 'admin' },
  { id: 'audit', label: 'Audit log', permission: 'admin' },
] as const satisfies SettingsSection[];
export type SettingsSectionId = (typeof settingsSections)[number]['id'];
