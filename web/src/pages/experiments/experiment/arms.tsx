import type { ExperimentArm } from '@whetstone/contract';
import { Link } from '@tanstack/react-router';
import { Activity, CircleStop } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Badge } from '../../../kit/badge.tsx';
import { Button, buttonClass } from '../../../kit/button.tsx';
import { formatCount } from '../../../kit/format.ts';
import { Interval } from '../../../parts/evaluation/interval.tsx';
import { scaleOf } from '../../../parts/evaluation/numbers.ts';
import { formatMetric, formatWindow, metricTitle } from '../../../parts/experiment/metric.ts';
import { useLinks } from '../../../parts/links.ts';
import { term } from '../../../parts/logs/filter-text.ts';
import { useMay } from '../../../parts/session.ts';
import { shortHash, versionColour } from '../../../parts/version.tsx';
import { Section } from './section.tsx';
import { StopDialog } from './stop-dialog.tsx';
import type { Here } from './use-experiment.ts';

/** What each arm is, who got it, and what they did. */
export function Arms({ here }: { here: Here }): ReactNode {
  const { experiment, result } = here;
  const { primary } = result;
  const scale = scaleOf(
    null,
    primary.arms.map((one) => one.value),
  );
  return (
    <Section
      title="Arms"
      hint={`${metricTitle(primary.metric)}, of users whose ${formatWindow(experiment.window_hours)} are over. A whisker is the range in which the true value lies.`}
    >
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
        {experiment.arms.map((arm) => (
          <ArmCard key={arm.id} here={here} arm={arm} scale={scale} />
        ))}
      </div>
    </Section>
  );
}

function ArmCard({ here, arm, scale }: { here: Here; arm: ExperimentArm; scale: [number, number] }): ReactNode {
  const { experiment, result } = here;
  const links = useLinks();
  const mayDeploy = useMay('deploy');
  const [stopping, setStopping] = useState(false);
  const outcome = result.primary.arms.find((one) => one.arm_id === arm.id);
  const stoppable = mayDeploy && !arm.control && arm.state === 'active' && experiment.state === 'running';
  const logs = `${term('experiment', experiment.id)} ${term('arm', arm.id)}`;
  const colour = versionColour(arm.version?.content_hash);
  return (
    <article
      aria-label={`Arm ${arm.name}`}
      className="relative flex flex-col gap-2 overflow-hidden rounded-md px-4 py-3 shadow-[inset_0_0_0_1px_var(--line-strong)]"
    >
      <span aria-hidden className="absolute inset-y-0 left-0 w-[3px]" style={{ background: colour }} />
      <div className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 truncate font-medium">{arm.name}</span>
        {arm.version && (
          <Link
            {...links.file(experiment.file.id, { version: arm.version.id })}
            className="num text-meta text-ink-3 underline-offset-2 hover:underline"
          >
            {shortHash(arm.version.content_hash)}
          </Link>
        )}
        {arm.control && <Badge tone="soft">control</Badge>}
        {arm.state === 'stopped' && <Badge tone="worse">stopped</Badge>}
        {experiment.promoted_arm_id === arm.id && <Badge tone="better">promoted</Badge>}
        <span className="num ml-auto text-meta text-ink-3">{Number((arm.weight * 100).toFixed(1))}&#x202f;%</span>
      </div>
      {outcome === undefined || outcome.value.estimate === null ? (
        <p className="flex min-h-7 items-center text-ink-3">{outcome?.value.reason_text ?? 'not measured yet'}</p>
      ) : (
        <div className="flex min-h-7 items-center gap-3">
          <span className="num min-w-16 text-title font-semibold">{formatMetric(result.primary.unit, outcome.value.estimate)}</span>
          <Interval {...outcome.value} scale={scale} colour={colour} className="flex-1" />
        </div>
      )}
      <dl className="num grid grid-cols-3 gap-x-2 text-meta">
        <Figure label="users" value={outcome?.units ?? 0} />
        <Figure label="counted" value={outcome?.matured ?? 0} />
        <Figure label="measured" value={outcome?.measured ?? 0} />
      </dl>
      {arm.stopped_why !== null && <p className="text-meta text-ink-2">Stopped: {arm.stopped_why}</p>}
      <div className="mt-auto flex flex-wrap gap-1.5 pt-1">
        <Link {...links.fileLogs(experiment.file.id, { q: logs, range: 'all' })} className={buttonClass({ look: 'quiet', size: 'sm' })}>
          <Activity size={13} strokeWidth={1.5} aria-hidden /> {formatCount(outcome?.logs ?? 0)} logs
        </Link>
        {stoppable && (
          <Button look="quiet" size="sm" icon={CircleStop} onClick={() => setStopping(true)}>
            Stop this arm
          </Button>
        )}
      </div>
      {stopping && <StopDialog here={here} arm={arm} onClose={() => setStopping(false)} />}
    </article>
  );
}

function Figure({ label, value }: { label: string; value: number }): ReactNode {
  return (
    <div>
      <dt className="text-ink-3">{label}</dt>
      <dd>{formatCount(value)}</dd>
    </div>
  );
}
