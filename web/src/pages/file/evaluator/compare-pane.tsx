import type { EvaluatorResponse } from '@whetstone/contract';
import { type ReactNode, useMemo } from 'react';
import { Select } from '../../../kit/select.tsx';
import { judgmentsOf } from '../../../parts/logs/log-file.ts';
import { VersionMark } from '../../../parts/version.tsx';
import { againstPeople, compareTrials, peopleSay } from './compare.ts';
import { AgainstPeople, ComparisonFigures } from './comparison-figures.tsx';
import { FlipList } from './flip-list.tsx';
import { SampleBar } from './sample-bar.tsx';
import { TrialDetail } from './trial-detail.tsx';
import { SampleState, TrialState } from './try-pane.tsx';
import type { Sample } from './use-sample.ts';
import type { Trials, Tryable } from './use-trials.ts';

/** In place of a version id: what is in the editor. */
export const inEditor = '';

/** Two versions of the evaluator over the same logs: what flips, how far they agree, and which is nearer to people. */
export function ComparePane({
  first,
  second,
  sides,
  onSides,
  versions,
  draft,
  sample,
  trials,
}: {
  first: Tryable;
  second: Tryable;
  /** Ids of versions; `inEditor` for the draft. */
  sides: { first: string; second: string };
  onSides: (sides: { first: string; second: string }) => void;
  versions: readonly EvaluatorResponse[];
  draft: Tryable;
  sample: Sample;
  trials: Trials;
}): ReactNode {
  const { logs, here } = sample;
  const [a, b] = [trials.of(first.hash), trials.of(second.hash)];
  const people = useMemo(
    () =>
      new Map(
        logs.flatMap((log) => {
          const said = peopleSay(judgmentsOf(log));
          return said === null ? [] : [[log.id, said] as const];
        }),
      ),
    [logs],
  );
  const ids = logs.map(({ id }) => id);
  const tried = ids.filter((id) => a.has(id) && b.has(id)).length;
  const mine = here === null ? undefined : a.get(here.id);
  const earlier = mine === undefined ? null : { spec: first.spec, tried: mine };
  const found = compareTrials(second.spec, a, b, ids);
  const options = [
    { value: inEditor, label: <VersionMark hash={draft.hash} name="in the editor" /> },
    ...versions.map((one) => ({ value: one.version_id, label: <VersionMark hash={one.content_hash} name={one.version_name} /> })),
  ];
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-9 shrink-0 items-center gap-1 border-b border-line px-2">
        <Select bare label="First version" value={sides.first} options={options} onChange={(id) => onSides({ ...sides, first: id })} />
        <span className="text-ink-3">→</span>
        <Select bare label="Second version" value={sides.second} options={options} onChange={(id) => onSides({ ...sides, second: id })} />
      </div>
      <SampleBar sample={sample} />
      <TrialState trials={trials} />
      <SampleState sample={sample} />
      {logs.length > 0 && (
        <>
          <div className="min-h-0 flex-1 overflow-y-auto">
            {first.hash === second.hash ? (
              <p className="px-4 py-6 text-ink-3">
                Both sides have the same content. Change something in the editor, or choose another version, to see which judgments flip.
              </p>
            ) : tried === 0 ? (
              <p className="px-4 py-6 text-ink-3">
                Run both over the same {logs.length} logs: what they answer differently is listed here, with how far they agree beyond
                chance.
              </p>
            ) : (
              <>
                <ComparisonFigures spec={second.spec} found={found} />
                <AgainstPeople
                  sides={[
                    { hash: first.hash, found: againstPeople(first.spec, a, people) },
                    { hash: second.hash, found: againstPeople(second.spec, b, people) },
                  ]}
                />
                <FlipList specs={[first.spec, second.spec]} flips={found.flips} logs={logs} here={here?.id ?? null} onLook={sample.look} />
              </>
            )}
          </div>
          {here !== null && tried > 0 && (
            <div className="max-h-[44%] shrink-0 overflow-y-auto border-t border-line-strong bg-page">
              <TrialDetail key={here.id} spec={second.spec} log={here} tried={b.get(here.id)} given={sample.given} before={earlier} />
            </div>
          )}
        </>
      )}
    </div>
  );
}
