import type { ExperimentResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Button, IconButton } from '../../../kit/button.tsx';
import { Input } from '../../../kit/field.tsx';
import { Select } from '../../../kit/select.tsx';
import { formatShare } from '../../../kit/format.ts';
import { ArmMark } from '../../../parts/experiment/arm-mark.tsx';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';
import { Section } from './section.tsx';
import { armOf } from './use-experiment.ts';

type Forced = ExperimentResponse['forced'];

/** Which arm a user gets, and giving somebody an arm to look at it. */
export function TryUnits({ experiment, refresh }: { experiment: ExperimentResponse; refresh: () => void }): ReactNode {
  const mayWrite = useMay('write');
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const { busy, run } = useAction('The user was not changed');
  const found = useQuery({
    ...query('experiments.assignment', { params: { id: experiment.id }, query: { unit: asked } }),
    enabled: asked !== '',
    retry: false,
    staleTime: 0,
  });
  const force = (forced: Forced, done: string) =>
    void run(async () => {
      await call('experiments.update', { params: { id: experiment.id }, body: { forced } });
      refresh();
      await found.refetch();
    }, done);
  const others = experiment.forced.filter((one) => one.unit !== asked);
  const open = experiment.state === 'running' || experiment.state === 'draft';
  return (
    <Section
      title="Try it"
      hint="Which arm a user gets: by a hash of the id, so the answer is the same everywhere. Asking records nothing."
    >
      <form
        className="flex flex-wrap items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(text.trim());
        }}
      >
        <Input
          aria-label="Id of a user"
          placeholder="Id of a user"
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="max-w-64"
        />
        <Button type="submit" disabled={text.trim() === ''}>
          Which arm?
        </Button>
        {asked !== '' && (
          <span role="status" className="flex min-h-8 flex-wrap items-center gap-2">
            {found.error ? (
              <span className="text-worse">{found.error.message}</span>
            ) : (
              found.data && <Assigned experiment={experiment} unit={asked} found={found.data} />
            )}
          </span>
        )}
      </form>
      {asked !== '' && mayWrite && open && (
        <div className="mt-3 flex flex-wrap items-center gap-2">
          <span className="text-ink-2">Always give {asked}</span>
          <Select
            label="Arm to force"
            value={experiment.forced.find((one) => one.unit === asked)?.arm_id ?? null}
            placeholder="an arm"
            disabled={busy}
            options={experiment.arms.map((arm) => ({ value: arm.id, label: arm.name }))}
            onChange={(armId) =>
              force([...others, { unit: asked, arm_id: armId }], `${asked} gets ${armOf(experiment, armId)?.name ?? armId}`)
            }
            className="w-44"
          />
          <span className="text-meta text-ink-3">and do not count it.</span>
        </div>
      )}
      {experiment.forced.length > 0 && (
        <ul className="mt-3 border-t border-line" aria-label="Users with an arm by hand">
          {experiment.forced.map((one) => {
            const arm = armOf(experiment, one.arm_id);
            return (
              <li key={one.unit} className="flex min-h-9 items-center gap-3 border-b border-line">
                <span className="num min-w-0 flex-1 truncate">{one.unit}</span>
                {arm && <ArmMark arm={arm} />}
                {mayWrite && open && (
                  <IconButton
                    icon={X}
                    label={`Leave ${one.unit} to chance again`}
                    onClick={() =>
                      force(
                        experiment.forced.filter((each) => each !== one),
                        `${one.unit} is left to chance again`,
                      )
                    }
                  />
                )}
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}

function Assigned({
  experiment,
  unit,
  found,
}: {
  experiment: ExperimentResponse;
  unit: string;
  found: { assignment: { arm: string; propensity: number } | null; version_id: string };
}): ReactNode {
  const { assignment } = found;
  if (assignment === null) return <span className="text-ink-2">{unit} takes no part and gets what is deployed.</span>;
  const forced = experiment.forced.find((one) => one.unit === unit);
  if (forced === undefined && assignment.arm === '~hold_out')
    return <span className="text-ink-2">{unit} is held out, and gets control.</span>;
  const arm = armOf(experiment, forced?.arm_id ?? assignment.arm);
  return (
    <>
      {unit} gets {arm ? <ArmMark arm={arm} className="font-medium" /> : <span className="font-medium">{assignment.arm}</span>}
      <span className="text-meta text-ink-3">{forced ? 'by hand' : `as ${formatShare(assignment.propensity)} of those who take part`}</span>
    </>
  );
}
