import type { ImportReport } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { query } from '../../../api/query.ts';
import { Badge } from '../../../kit/badge.tsx';
import { buttonClass } from '../../../kit/button.tsx';
import { useLinks } from '../../../parts/links.ts';
import type { SettingsSectionId } from '../../../parts/settings-sections.ts';
import { Row, Rows, Title } from '../panel.tsx';

const kinds: Record<keyof ImportReport['reenter'], { title: string; why: string; action: string; section: SettingsSectionId | 'files' }> = {
  providers: {
    title: 'Keys of model providers',
    why: 'No export has them. Prompts that came call these providers.',
    action: 'Add credentials',
    section: 'credentials',
  },
  people: { title: 'People', why: 'They are named as authors, but are no members here yet.', action: 'Invite people', section: 'people' },
  credentials: {
    title: 'Model credentials',
    why: 'Their names came, their secrets did not.',
    action: 'Add credentials',
    section: 'credentials',
  },
  keys: { title: 'API keys', why: 'The old ones do not work here. Applications need new ones.', action: 'Make keys', section: 'keys' },
  variables: {
    title: 'Environment variables of tools',
    why: 'Their values are secrets. Set them on the tools.',
    action: 'Open files',
    section: 'files',
  },
  webhooks: {
    title: 'Webhooks',
    why: 'Each has a new signing secret, which its receiver must be given.',
    action: 'Open webhooks',
    section: 'webhooks',
  },
};

/** What no export carries, and where to enter it. */
export function Reenter({ report }: { report: ImportReport }): ReactNode {
  const links = useLinks();
  const credentials = useQuery(query('credentials.list'));
  const here = new Set((credentials.data?.records ?? []).flatMap(({ name, provider }) => [name, provider]));
  const wanted = (Object.entries(report.reenter) as [keyof typeof kinds, string[]][]).filter(([, names]) => names.length > 0);
  return (
    <Rows>
      {wanted.map(([kind, names]) => {
        const { title, why, action, section } = kinds[kind];
        return (
          <Row key={kind} className="items-start">
            <Title sub={why} className="[&>div]:whitespace-normal">
              {title}
            </Title>
            <Link {...(section === 'files' ? links.files : links.settings(section))} className={buttonClass({ size: 'sm' })}>
              {action}
            </Link>
            <div className="flex w-full flex-wrap gap-1.5 pb-1">
              {names.map((name) => (
                <Badge key={name} tone="soft" className="h-auto min-h-5 whitespace-normal wrap-anywhere">
                  {name}
                  {(kind === 'providers' || kind === 'credentials') && here.has(name) && <span className="text-better">is here</span>}
                </Badge>
              ))}
            </div>
          </Row>
        );
      })}
    </Rows>
  );
}
export function asksAgain(report: ImportReport): boolean {
  return Object.values(report.reenter).some((list) => list.length > 0);
}
