import type { EvaluatorResponse } from '@whetstone/contract';
import { isPairwise } from '@whetstone/domain';
import { CircleStop, Play } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../kit/button.tsx';
import { useHotkeys } from '../../../kit/hotkeys.ts';
import { Segmented } from '../../../kit/segmented.tsx';
import { Tip } from '../../../kit/tip.tsx';
import { useMay } from '../../../parts/session.ts';
import { AgainstBar, otherOf } from './against-bar.tsx';
import { ComparePane, inEditor } from './compare-pane.tsx';
import { JudgedElsewhere } from './judged-elsewhere.tsx';
import { TryPane } from './try-pane.tsx';
import { UsedIn } from './used-in.tsx';
import type { Sample } from './use-sample.ts';
import type { Trials, Tryable } from './use-trials.ts';

type View = 'try' | 'compare' | 'used';
const views = [
  { value: 'try', label: 'Try it' },
  { value: 'compare', label: 'Compare' },
  { value: 'used', label: 'Used in' },
] as const;

/** What the evaluator says of real logs, how its versions differ there, and where it is used. */
export function ProvePane({
  draft,
  base,
  versions,
  sample,
  trials,
  beside,
  onBeside,
  onRun,
}: {
  draft: Tryable;
  /** The version that the draft was edited from. */
  base: EvaluatorResponse;
  versions: readonly EvaluatorResponse[];
  sample: Sample;
  trials: Trials;
  beside: string | null;
  onBeside: (id: string | undefined) => void;
  onRun: () => void;
}): ReactNode {
  const mayWrite = useMay('write');
  const [view, setView] = useState<View>(beside === null ? 'try' : 'compare');
  const [second, setSecond] = useState(inEditor);
  const byServer = draft.spec.evaluator_type !== 'human' && !isOutside(draft);
  const pairwise = isPairwise(draft.spec);
  const [chosen, setAgainst] = useState<string | null>(null);
  const against = pairwise ? (sample.logs.some(({ id }) => id === chosen) ? chosen : otherOf(sample.logs, sample.here)) : null;
  // What it says depends on what it compares with.
  const tried: Tryable = pairwise ? { ...draft, hash: `${draft.hash} ${against}`, against } : draft;
  const earlier = versions.find((one) => one.content_hash !== draft.hash) ?? base;
  const sides = { first: beside ?? (base.content_hash === draft.hash ? earlier : base).version_id, second };
  const tryable = (id: string): Tryable => {
    const found = versions.find((one) => one.version_id === id);
    return found === undefined ? draft : { hash: found.content_hash, path: found.path, spec: found.spec };
  };
  const pair = [tryable(sides.first), tryable(sides.second)] as const;
  const ids = sample.logs.map(({ id }) => id).filter((id) => id !== against);
  const differ = view !== 'compare' || pair[0].hash !== pair[1].hash;
  const may = byServer && mayWrite && ids.length > 0 && differ;

  const runOne = () => {
    if (!may || sample.here === null || sample.here.id === against) return;
    onRun();
    void trials.run(view === 'compare' ? pair : [tried], [sample.here.id]);
  };
  const runAll = () => {
    if (!may) return;
    onRun();
    if (view !== 'compare') return void trials.run([tried], ids);
    const known = pair.every(({ hash }) => ids.every((id) => trials.of(hash).has(id)));
    void trials.run(pair, ids, known);
  };
  const step = (by: number) => {
    const at = sample.logs.findIndex(({ id }) => id === sample.here?.id);
    const next = sample.logs[Math.min(sample.logs.length - 1, Math.max(0, at + by))];
    if (next !== undefined) sample.look(next.id);
  };
  useHotkeys({ 'mod+enter': runOne, 'mod+shift+enter': runAll, j: () => step(1), k: () => step(-1) });

  return (
    <div className="flex h-full min-h-0 flex-col bg-page">
      <div className="hairline-b flex h-10 shrink-0 items-center gap-1.5 px-3">
        <Segmented
          label="What to see"
          value={view}
          onChange={setView}
          options={views.filter(({ value }) => (byServer && !pairwise) || value !== 'compare')}
        />
        <span className="flex-1" />
        {view !== 'used' && byServer && (
          <RunButtons
            running={trials.running !== null}
            disabled={!may}
            count={ids.length}
            both={view === 'compare'}
            onOne={runOne}
            onAll={runAll}
            onStop={trials.stop}
          />
        )}
      </div>
      {view === 'used' ? (
        <UsedIn evaluatorId={base.id} />
      ) : !byServer ? (
        <JudgedElsewhere evaluatorId={base.id} people={draft.spec.evaluator_type === 'human'} />
      ) : view === 'try' ? (
        <>
          {pairwise && sample.logs.length > 1 && <AgainstBar logs={sample.logs} against={against} onChange={setAgainst} />}
          <TryPane evaluator={tried} sample={sample} trials={trials} />
        </>
      ) : (
        <ComparePane
          first={pair[0]}
          second={pair[1]}
          sides={sides}
          onSides={({ first, second: next }) => {
            setSecond(next);
            if (first !== sides.first) onBeside(first);
          }}
          versions={versions}
          draft={draft}
          sample={sample}
          trials={trials}
        />
      )}
    </div>
  );
}

const isOutside = ({ spec }: Tryable): boolean => spec.evaluator_type === 'external' && spec.library == null;

function RunButtons({
  running,
  disabled,
  count,
  both,
  onOne,
  onAll,
  onStop,
}: {
  running: boolean;
  disabled: boolean;
  count: number;
  both: boolean;
  onOne: () => void;
  onAll: () => void;
  onStop: () => void;
}): ReactNode {
  if (running)
    return (
      <Button icon={CircleStop} onClick={onStop}>
        Stop
      </Button>
    );
  return (
    <>
      <Tip label="Judge the log that is chosen" keys="mod+enter">
        <Button look="quiet" onClick={onOne} disabled={disabled} className="max-sm:hidden">
          This log
        </Button>
      </Tip>
      <Tip label={both ? 'Judge all of these logs by both' : 'Judge all of these logs'} keys="mod+shift+enter">
        <Button look="primary" icon={Play} onClick={onAll} disabled={disabled}>
          {both ? 'Run both' : 'Try'} on {count === 0 ? 'logs' : count}
        </Button>
      </Tip>
    </>
  );
}
