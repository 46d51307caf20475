import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { useLinks } from '../links.ts';

const named = /(exp_[A-Za-z0-9]+)/;

/** A deployment's reason; where it names an experiment, that is the evidence, and leads to it. */
export function EvidenceText({ text }: { text: string }): ReactNode {
  const links = useLinks();
  return text.split(named).map((part, at) =>
    named.test(part) ? (
      <Link key={at} {...links.experiment(part)} className="text-accent-ink underline underline-offset-2">
        the experiment
      </Link>
    ) : (
      <Fragment key={at}>{part}</Fragment>
    ),
  );
}
