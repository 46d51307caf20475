import { type ErrorComponentProps, Link, Outlet, useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { messageOf } from '../api/errors.ts';
import { Button, buttonClass } from '../kit/button.tsx';
import { Empty } from '../kit/notice.tsx';
import { SkeletonRows } from '../kit/skeleton.tsx';

export function RootFrame(): ReactNode {
  return <Outlet />;
}

/** Shown when a page takes longer than 300 ms: the shape of a page, not a spinner. */
export function PagePending(): ReactNode {
  return (
    <div className="flex-1">
      <div className="hairline-b flex h-11 items-center px-4">
        <div className="skeleton h-3.5 w-40" />
      </div>
      <SkeletonRows count={10} />
    </div>
  );
}

export function PageError({ error, reset }: ErrorComponentProps): ReactNode {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Empty
      title="This page could not be shown"
      action={
        <div className="flex gap-2">
          <Button look="primary" onClick={again}>
            Try again
          </Button>
          <a href="/" className={buttonClass()}>
            Go home
          </a>
        </div>
      }
    >
      {messageOf(error)}
    </Empty>
  );
}

export function PageMissing(): ReactNode {
  return (
    <Empty
      title="There is no such page"
      action={
        <Link to="/" className={buttonClass({ look: 'primary' })}>
          Go home
        </Link>
      }
    >
      The link is wrong, or what it led to was deleted.
    </Empty>
  );
}
