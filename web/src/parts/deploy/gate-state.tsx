import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Input, Field } from '../../kit/field.tsx';
import { Link } from '@tanstack/react-router';
import { Skeleton } from '../../kit/skeleton.tsx';
import { useLinks } from '../links.ts';

type Checks = Answer<'gates.check'>;

/** What the environment's gates say of the version; `refused` while one of them refuses it. */
export function useGates(environmentId: string | undefined, versionId: string | undefined, asked: boolean) {
  const enabled = asked && environmentId !== undefined && versionId !== undefined;
  const checks = useQuery({
    ...query('gates.check', { params: { id: environmentId ?? '' }, query: { version_id: versionId ?? '' } }),
    enabled,
    staleTime: 0,
  });
  return {
    checks: enabled ? checks.data : undefined,
    waiting: enabled && checks.isPending,
    refused: enabled && checks.data?.outcome === 'refused',
    again: () => checks.refetch(),
  };
}

/** Gate by gate, with why and where to look; an admin may say why it is deployed all the same. */
export function GateState({
  checks,
  waiting,
  environment,
  reason,
  onReason,
}: {
  checks: Checks | undefined;
  waiting: boolean;
  environment: string;
  reason: string;
  /** Null: the reader may not. */
  onReason: ((reason: string) => void) | null;
}): ReactNode {
  if (waiting) return <Skeleton className="h-6 w-64" />;
  if (checks === undefined) return null;
  if (checks.roll_back && checks.checks.length === 0)
    return <p className="text-meta text-ink-3">This version was deployed to {environment} before: going back is always allowed.</p>;
  if (checks.checks.length === 0) return null;
  return (
    <section aria-label={`What ${environment} demands`} className="flex flex-col gap-2">
      <GateLines checks={checks.checks} />
      {checks.outcome === 'refused' && onReason !== null && (
        <Field label="Deploy all the same, because" hint="You are an admin, so you may. The reason goes into the audit log.">
          {(props) => <Input {...props} value={reason} onChange={(event) => onReason(event.target.value)} maxLength={500} />}
        </Field>
      )}
      {checks.outcome === 'refused' && onReason === null && (
        <p className="text-meta text-ink-3">An admin can deploy it all the same, with a reason.</p>
      )}
    </section>
  );
}

/** What each gate said, with a link to the evaluation that it looked at. */
export function GateLines({ checks }: { checks: Checks['checks'] }): ReactNode {
  return (
    <ul className="flex flex-col gap-1.5">
      {checks.map((check) => (
        <GateLine key={check.gate_id} check={check} />
      ))}
    </ul>
  );
}

function GateLine({ check }: { check: Checks['checks'][number] }): ReactNode {
  const links = useLinks();
  const passed = check.outcome === 'passed';
  const Icon = passed ? CircleCheck : CircleX;
  return (
    <li className="flex items-start gap-2">
      <Icon size={16} strokeWidth={1.5} className={`mt-0.5 shrink-0 ${passed ? 'text-better' : 'text-worse'}`} aria-hidden />
      <span className="min-w-0 flex-1 wrap-anywhere">
        <span className="sr-only">{passed ? 'Passed: ' : 'Refused: '}</span>
        {check.sentence}{' '}
        {check.evaluation_id !== null && (
          <Link {...links.evaluation(check.evaluation_id)} className="whitespace-nowrap text-accent underline-offset-2 hover:underline">
            Open the evaluation
          </Link>
        )}
      </span>
    </li>
  );
}
