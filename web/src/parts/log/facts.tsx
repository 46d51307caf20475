import type { LogResponse } from '@whetstone/contract';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { CopyId } from '../../kit/copy.tsx';
import { formatCount, formatDuration, formatMoney } from '../../kit/format.ts';
import { Tip } from '../../kit/tip.tsx';
import { Ago } from '../../kit/time.tsx';
import { fileOf, tokensOf } from '../logs/log-file.ts';
import { term } from '../logs/filter-text.ts';
import { armWord } from '../experiment/arm-word.ts';
import { useLinks } from '../links.ts';
import { type Served, servedOf } from './served.ts';
import { VersionMark } from '../version.tsx';

/** The few numbers that one looks for first. */
export function Figures({ log }: { log: LogResponse }): ReactNode {
  const { input, output, reasoning } = tokensOf(log);
  const { cachedFrom, savedUsd } = servedOf(log);
  const figures: [string, ReactNode, ReactNode][] = [
    [
      'Latency',
      formatDuration(log.latency_ms),
      log.first_token_ms === null ? null : `first token after ${formatDuration(log.first_token_ms)}`,
    ],
    [
      'Tokens',
      input === null && output === null ? '–' : `${formatCount(input ?? 0)} → ${formatCount(output ?? 0)}`,
      reasoning ? `${formatCount(reasoning)} of them reasoning` : null,
    ],
    [
      'Cost',
      `${log.estimated && log.cost_usd !== null ? '~' : ''}${formatMoney(log.cost_usd)}`,
      cachedFrom !== null
        ? `Answered from the cache${savedUsd === null ? '' : `, which saved ${formatMoney(savedUsd)}`}`
        : log.cost_usd === null
          ? 'No price is known for this model'
          : log.estimated
            ? 'Estimated, not counted by the provider'
            : null,
    ],
  ];
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2">
      {figures.map(([label, value, more]) => (
        <div key={label}>
          <dt className="text-meta text-ink-3">{label}</dt>
          <dd className="num text-[13px]">
            {more === null ? (
              value
            ) : (
              <Tip label={more}>
                <span className="decoration-line-strong decoration-dotted underline-offset-4 hover:underline">{value}</span>
              </Tip>
            )}
          </dd>
        </div>
      ))}
      <div>
        <dt className="text-meta text-ink-3">When</dt>
        <dd>
          <Ago at={log.created_at} />
        </dd>
      </div>
    </dl>
  );
}

/** Everything that names the log or ties it to something else. */
export function Facts({ log }: { log: LogResponse }): ReactNode {
  const links = useLinks();
  const file = fileOf(log);
  const { route, tried, cachedFrom } = servedOf(log);
  const filterLink = (field: 'user' | 'session' | 'model' | 'environment', value: string | null) =>
    value === null ? null : (
      <Link {...links.logs({ q: term(field, value) })} className="truncate hover:underline">
        {value}
      </Link>
    );
  const rows: [string, ReactNode][] = [
    [
      'File',
      <Link key="f" {...links.file(file.id)} className="truncate hover:underline">
        {file.path}
      </Link>,
    ],
    [
      'Version',
      <Link key="v" {...links.file(file.id, { version: file.versionId })} className="min-w-0 hover:underline">
        <VersionMark hash={file.hash} name={file.versionName} draft={file.draft} />
      </Link>,
    ],
    ['Environment', filterLink('environment', log.environment)],
    ['Model', filterLink('model', log.model)],
    ['Provider', log.provider_name],
    ['Route', route],
    ['Tried', tried.length === 0 ? null : <Tried key="a" attempts={tried} />],
    [
      'Cached',
      cachedFrom && (
        <Link key="k" {...links.log(cachedFrom)} className="num truncate text-accent-ink hover:underline">
          from {cachedFrom}
        </Link>
      ),
    ],
    ['Finish', 'finish_reason' in log ? log.finish_reason : null],
    ['User', filterLink('user', log.user)],
    ['Session', filterLink('session', log.session)],
    [
      'Experiment',
      log.experiment_id != null && (
        <Link key="x" {...links.experiment(log.experiment_id)} className="truncate text-accent-ink hover:underline">
          {log.arm_id == null ? log.experiment_id : `arm ${armWord(log.arm_id)}`}
        </Link>
      ),
    ],
    ['Origin', log.origin],
    ['Source', log.source],
    ['Reference', log.reference_id && <CopyId key="r" id={log.reference_id} className="-ml-1 truncate" />],
    [
      'Rerun of',
      log.counterfactual_of && (
        <Link key="c" {...links.log(log.counterfactual_of)} className="num truncate text-accent-ink hover:underline">
          {log.counterfactual_of}
        </Link>
      ),
    ],
    ['Log id', <CopyId key="i" id={log.id} className="-ml-1 truncate" />],
    ['Trace id', log.trace_id && log.trace_id !== log.id ? <CopyId key="t" id={log.trace_id} className="-ml-1 truncate" /> : null],
  ];
  return (
    <dl className="grid grid-cols-[92px_minmax(0,1fr)] gap-y-1">
      {rows.map(([label, value]) =>
        value === null || value === '' || value === false ? null : (
          <div key={label} className="contents">
            <dt className="text-ink-3">{label}</dt>
            <dd className="flex min-w-0 items-center">{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** What failed before, each with why. */
function Tried({ attempts }: { attempts: Served['tried'] }): ReactNode {
  return (
    <ol className="flex min-w-0 flex-col">
      {attempts.map(({ target, error }, index) => (
        // The same target may be tried several times.
        <li key={index} className="min-w-0 wrap-anywhere">
          <code>{target}</code> <span className="text-ink-3">{error}</span>
        </li>
      ))}
    </ol>
  );
}
