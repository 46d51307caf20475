import { Link, type LinkProps } from '@tanstack/react-router';
import { PanelLeft } from 'lucide-react';
import { Fragment, type ReactNode, useEffect } from 'react';
import { IconButton } from '../../kit/button.tsx';
import { useShell } from './shell-state.ts';

export interface Crumb {
  label: ReactNode;
  /** Where it leads; the last crumb leads nowhere. */
  link?: LinkProps;
}

/** The top of every page: where one is, and what one can do here. */
export function PageBar({
  title,
  crumbs,
  actions,
  children,
}: {
  title: string;
  crumbs: Crumb[];
  actions?: ReactNode;
  children?: ReactNode;
}): ReactNode {
  const { toggle } = useShell();
  useEffect(() => {
    document.title = `${title} · Whetstone`;
  }, [title]);
  return (
    <header className="hairline-b sticky top-0 z-20 shrink-0 bg-page">
      <div className="flex h-11 items-center gap-1 pr-2 pl-2 md:pl-4">
        <IconButton icon={PanelLeft} label="Show the side bar" keys="[" onClick={toggle} className="shell-opener -ml-0.5" />
        <nav aria-label="Where you are" className="flex min-w-0 flex-1 items-center gap-1">
          {crumbs.map((crumb, at) => (
            <Fragment key={at}>
              {at > 0 && (
                <span className="text-ink-3 max-md:hidden" aria-hidden>
                  /
                </span>
              )}
              {crumb.link === undefined ? (
                <h1 className="min-w-0 truncate px-1 font-medium">{crumb.label}</h1>
              ) : (
                <Link {...crumb.link} className="shrink-0 truncate rounded-sm px-1 text-ink-3 hover:text-ink max-md:hidden">
                  {crumb.label}
                </Link>
              )}
            </Fragment>
          ))}
        </nav>
        <div className="flex shrink-0 items-center gap-1.5">{actions}</div>
      </div>
      {children}
    </header>
  );
}
