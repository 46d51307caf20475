import { Play, Square, Type } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../kit/button.tsx';
import { Keys } from '../../kit/keys.tsx';
import { Select } from '../../kit/select.tsx';
import { useMay } from '../session.ts';

const counts = ['1', '2', '3', '5', '10'] as const;

/** How many answers to ask for. */
export function SamplesSelect({ samples, onSamples }: { samples: number; onSamples: (count: number) => void }): ReactNode {
  return (
    <Select
      bare
      label="Samples"
      value={String(samples) as (typeof counts)[number]}
      onChange={(value) => onSamples(Number(value))}
      options={counts.map((value) => ({ value, label: value === '1' ? '1 sample' : `${value} samples` }))}
    />
  );
}

export function MarkdownToggle({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }): ReactNode {
  return <IconButton icon={Type} label={on ? 'Show raw text' : 'Show as Markdown'} active={on} onClick={() => onChange(!on)} />;
}

/** Runs, or stops what runs. */
export function RunButton({
  verb,
  running,
  onRun,
  onStop,
}: {
  verb: string;
  running: boolean;
  onRun: () => void;
  onStop: () => void;
}): ReactNode {
  const mayRun = useMay('call');
  if (running) {
    return (
      <Button icon={Square} onClick={onStop}>
        Stop <Keys keys="escape" />
      </Button>
    );
  }
  return (
    <Button look="primary" icon={Play} onClick={onRun} disabled={!mayRun}>
      {verb}{' '}
      <span className="max-lg:hidden">
        <Keys keys="mod+enter" inverse />
      </span>
    </Button>
  );
}
