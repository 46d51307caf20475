import type { ImportReport } from '@whetstone/contract';
import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatCount } from '../../../kit/format.ts';

/** What is counted, in words. */
const things: Record<keyof ImportReport['counts'], { name: string; about: string }> = {
  files: { name: 'Files', about: 'prompts, tools, datasets, evaluators, flows, agents' },
  versions: { name: 'Versions', about: 'of those files' },
  environments: { name: 'Environments', about: 'such as production' },
  deployments: { name: 'Deployments', about: 'which version is where' },
  datapoints: { name: 'Datapoints', about: 'of datasets' },
  monitors: { name: 'Monitors', about: 'evaluators attached to files' },
  alerts: { name: 'Alerts', about: 'of monitors' },
  logs: { name: 'Logs', about: 'with their traces' },
  judgments: { name: 'Judgments', about: 'of logs, by people, code and models' },
  evaluations: { name: 'Evaluations', about: '' },
  runs: { name: 'Runs', about: 'of evaluations' },
  reviews: { name: 'Review queues', about: 'with what people answered' },
  experiments: { name: 'Experiments', about: 'with who got what, and what came of it' },
  gates: { name: 'Gates', about: 'what environments demand' },
  rules: { name: 'Rules', about: 'by which logs become cases of datasets' },
  settings: { name: 'Settings', about: 'routes, limits, prices, rules, webhooks' },
};
type Thing = keyof typeof things;

/** What was found, and after the import what of it is here. What there is none of is not shown. */
export function Counts({ report, dry }: { report: ImportReport; dry: boolean }): ReactNode {
  const rows = (Object.entries(report.counts) as [Thing, { found: number; carried: number }][]).filter(
    ([, { found, carried }]) => found + carried > 0,
  );
  return (
    <table className="w-full border-collapse">
      <thead className="text-left text-meta text-ink-3">
        <tr className="border-b border-line-strong">
          <th className="py-1.5 font-normal">What</th>
          <th className="w-28 py-1.5 text-right font-normal">Found</th>
          {!dry && <th className="w-32 py-1.5 text-right font-normal">In the workspace</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, { found, carried }]) => (
          <tr key={name} className="border-b border-line">
            <td className="py-2 pr-3">
              {things[name].name} <span className="text-meta text-ink-3 max-sm:hidden">{things[name].about}</span>
            </td>
            <td className="num py-2 text-right">{formatCount(found)}</td>
            {!dry && (
              <td className="py-2">
                <span className="num flex items-center justify-end gap-1.5">
                  {formatCount(carried)}
                  {carried < found ? (
                    <CircleAlert size={14} strokeWidth={1.75} className="text-undecided" aria-label="not all" />
                  ) : (
                    <CircleCheck size={14} strokeWidth={1.75} className="text-better" aria-label="all" />
                  )}
                </span>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
