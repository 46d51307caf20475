import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../../kit/button.tsx';
import { Input } from '../../../kit/field.tsx';
import { Menu, MenuItem } from '../../../kit/menu.tsx';
import { metricName, typedUnit, unitOfMetric } from '../../../parts/experiment/metric.ts';
import { boundIsRatio, type Guard, guardMetric, usualGuards } from './form.ts';
import { Part } from './part.tsx';
import type { NewExperiment } from './use-new-experiment.ts';

const names: Record<string, string> = { 'vote:bad': 'users who vote bad' };
const nameOf = (value: string): string => names[value] ?? metricName(guardMetric(value));

/** What must not get worse: an arm that breaks a bound for certain is stopped without anybody. */
export function GuardsPart({ form }: { form: NewExperiment }): ReactNode {
  const { guards } = form;
  const set = (next: Guard[]) => form.set({ guards: next });
  const free = usualGuards.filter((one) => !guards.some((guard) => guard.value === one.value));
  return (
    <Part
      title="What must not get worse"
      hint="A guard watches all the time. When an arm is worse than control by more than its bound, and not by chance, the arm is stopped, its users get control, and the reason is kept."
    >
      <div className="overflow-hidden rounded-md shadow-[inset_0_0_0_1px_var(--line-strong)]">
        {guards.length === 0 && (
          <p className="border-b border-line px-3 py-2.5 text-undecided">No guard: a broken arm runs until somebody looks.</p>
        )}
        <ul aria-label="Guards">
          {guards.map((guard, at) => {
            const metric = guardMetric(guard.value);
            const ratio = boundIsRatio(metric);
            const change = (bound: string) => set(guards.map((one, index) => (index === at ? { ...one, bound } : one)));
            return (
              <li key={guard.value} className="flex min-h-11 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-3 py-1.5">
                <span className="min-w-36 flex-1">{nameOf(guard.value)}</span>
                <label className="flex items-center gap-2 text-ink-3 max-sm:order-last max-sm:w-full">
                  more than
                  <Input
                    aria-label={`Bound of ${nameOf(guard.value)}`}
                    inputMode="decimal"
                    value={guard.bound}
                    onChange={(event) => change(event.target.value)}
                    className="num w-20 text-right"
                  />
                  {ratio
                    ? guard.bound.trim() === '1'
                      ? 'times control: any harm'
                      : 'times control'
                    : `${typedUnit(unitOfMetric(metric)).label} above control`}
                </label>
                <IconButton icon={X} label="Remove this guard" onClick={() => set(guards.filter((one) => one !== guard))} />
              </li>
            );
          })}
        </ul>
        <div className="px-2 py-1.5">
          <Menu
            trigger={
              <Button look="quiet" size="sm" icon={Plus} disabled={free.length === 0}>
                Add a guard
              </Button>
            }
          >
            {free.map((one) => (
              <MenuItem key={one.value} onSelect={() => set([...guards, one])}>
                {nameOf(one.value)}
              </MenuItem>
            ))}
          </Menu>
        </div>
      </div>
    </Part>
  );
}
