import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatCount, formatShare } from '../../../kit/format.ts';
import { Ago } from '../../../kit/time.tsx';
import { Interval } from '../../../parts/evaluation/interval.tsx';
import { ArmMark } from '../../../parts/experiment/arm-mark.tsx';
import { formatMetricDifference } from '../../../parts/experiment/metric.ts';
import { useLinks } from '../../../parts/links.ts';
import { term } from '../../../parts/logs/filter-text.ts';
import { versionColour } from '../../../parts/version.tsx';
import { Section } from './section.tsx';
import { armOf, type Here } from './use-experiment.ts';

/** What would make the answer false: how users were split, who answers, what was left out. */
export function Trust({ here }: { here: Here }): ReactNode {
  return (
    <Section title="Can it be trusted?" hint="What usually makes an experiment lie, checked at every look.">
      <div className="grid gap-x-10 gap-y-6 md:grid-cols-2">
        <Split here={here} />
        <Answers here={here} />
        <LeftOut here={here} />
        <Epochs here={here} />
      </div>
    </Section>
  );
}

function Title({ fine, children }: { fine?: boolean; children: ReactNode }): ReactNode {
  const Icon = fine === true ? CircleCheck : CircleAlert;
  return (
    <h3 className="mb-1.5 flex items-center gap-1.5 font-medium">
      {fine !== undefined && <Icon size={15} strokeWidth={1.5} className={fine ? 'text-better' : 'text-worse'} aria-hidden />}
      {children}
    </h3>
  );
}

function Split({ here: { experiment, result } }: { here: Here }): ReactNode {
  const { sample_ratio: ratio } = result;
  return (
    <div>
      <Title fine={!ratio.alarm}>Split as planned</Title>
      <p className="mb-1.5 text-meta text-ink-3">{ratio.words}</p>
      <ul>
        {ratio.arms.map((one) => {
          const arm = armOf(experiment, one.arm_id);
          return (
            <li key={one.arm_id} className="flex items-center gap-3 py-0.5">
              {arm && <ArmMark arm={arm} className="min-w-0 flex-1" />}
              <span className="num">{formatCount(one.units)}</span>
              <span className="num w-32 text-right text-meta text-ink-3">expected {formatCount(one.expected)}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Answers({ here: { experiment, result } }: { here: Here }): ReactNode {
  if (result.answers.length === 0) return null;
  const fine = !result.answers.some((one) => one.differ);
  return (
    <div>
      <Title fine={fine}>Who answers</Title>
      {result.answers.map((one) => (
        <div key={one.evaluator} className="mb-2">
          <p className="mb-1.5 text-meta text-ink-3">
            {one.evaluator}: {one.words}
          </p>
          {one.arms.map(({ arm_id: id, rate }) => {
            const arm = armOf(experiment, id);
            return (
              <div key={id} className="flex items-center gap-3 py-0.5">
                {arm && <ArmMark arm={arm} className="min-w-0 flex-1" />}
                <Interval {...rate} scale={[0, 1]} colour={versionColour(arm?.version?.content_hash)} className="w-24" />
                <span className="num w-14 text-right">{rate.estimate === null ? '–' : formatShare(rate.estimate)}</span>
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
}

function LeftOut({ here: { experiment, result } }: { here: Here }): ReactNode {
  const links = useLinks();
  const { left_out: out, primary } = result;
  const of = (arm: string) => `${term('experiment', experiment.id)} ${term('arm', arm)}`;
  const lines = [
    { count: out.no_unit, text: 'calls without a user: they got control', q: of('~no_unit') },
    { count: out.off_assignment, text: 'logs made with another version than their user’s arm', q: of('~off') },
    { count: out.moved, text: 'users who were seen in two arms', q: null },
    { count: out.forced, text: 'logs of users who were forced into an arm', q: of('~forced') },
    { count: out.unknown_log, text: 'feedback for logs that are not here', q: null },
    { count: primary.late, text: 'judgments after the window closed: kept, not tested', q: null },
  ].filter((one) => one.count > 0);
  return (
    <div>
      <Title>Left out, and why</Title>
      {lines.length === 0 && <p className="text-ink-3">Nothing was left out.</p>}
      <ul>
        {lines.map(({ count, text, q }) => (
          <li key={text} className="flex gap-2.5 py-0.5">
            <span className="num w-14 shrink-0 text-right">{formatCount(count)}</span>
            {q === null ? (
              <span className="text-ink-2">{text}</span>
            ) : (
              <Link
                {...links.fileLogs(experiment.file.id, { q, range: 'all' })}
                className="text-ink-2 underline decoration-line-strong underline-offset-2 hover:text-ink"
              >
                {text}
              </Link>
            )}
          </li>
        ))}
      </ul>
      {out.no_unit > 0 && (
        <p className="mt-1.5 text-meta text-ink-3">
          Send the user’s id with each call (<code>user</code>, or the header <code>x-whetstone-unit</code>).
        </p>
      )}
    </div>
  );
}

/** Only worth a word once shares were changed. */
function Epochs({ here: { experiment, result } }: { here: Here }): ReactNode {
  if (experiment.epochs.length < 2) return null;
  return (
    <div>
      <Title>Epochs</Title>
      <p className="mb-1.5 text-meta text-ink-3">
        Each change of shares opens one. Arms are compared within epochs and pooled by their users.
      </p>
      <ul>
        {experiment.epochs.map((epoch) => {
          const found = result.epochs.find((one) => one.number === epoch.number);
          return (
            <li key={epoch.number} className="flex gap-x-3 py-1">
              <span className="num w-5 shrink-0 text-ink-3">{epoch.number}</span>
              <span className="min-w-0 flex-1">
                {Number((epoch.traffic * 100).toFixed(1))}&#x202f;% of users, shares{' '}
                <span className="num whitespace-nowrap">
                  {epoch.weights.map((one) => Number((one.weight * 100).toFixed(1))).join(' : ')}
                </span>
                <span className="block text-meta text-ink-3">
                  {formatCount(found?.units ?? 0)} users
                  {found?.estimate != null && `, ${formatMetricDifference(result.primary.unit, found.estimate)}`}, since{' '}
                  <Ago at={epoch.started_at} />
                </span>
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
