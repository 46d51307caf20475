import type { PromptResponse } from '@whetstone/contract';
import { Columns2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../../kit/button.tsx';
import { cx } from '../../../kit/cx.ts';
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../../kit/menu.tsx';
import { useStored } from '../../../kit/stored.ts';
import { InputsPane } from '../../../parts/prompt/inputs-pane.tsx';
import { MarkdownToggle, RunButton, SamplesSelect } from '../../../parts/prompt/run-controls.tsx';
import { RunOutput } from '../../../parts/prompt/run-output.tsx';
import type { RunState } from '../../../parts/prompt/use-run.ts';
import { useMay } from '../../../parts/session.ts';
import { VersionMark } from '../../../parts/version.tsx';
import { RecentInputs } from './recent-inputs.tsx';

export interface RunSide {
  state: RunState;
  hash: string;
  name: string | null;
  draft: boolean;
}
export interface RunPaneProps {
  names: readonly string[];
  inputs: Record<string, string>;
  onInputs: (inputs: Record<string, string>) => void;
  samples: number;
  onSamples: (samples: number) => void;
  running: boolean;
  onRun: () => void;
  onStop: () => void;
  mine: RunSide;
  other: RunSide | null;
  versions: PromptResponse[];
  onBeside: (versionId: string | null) => void;
}

/** Inputs above, answers below; with a second version, two columns of answers. */
export function RunPane(props: RunPaneProps): ReactNode {
  const { names, inputs, onInputs, samples, onSamples, running, onRun, onStop, mine, other } = props;
  const mayRun = useMay('call');
  const [markdown, setMarkdown] = useStored('whetstone.markdown', false);
  const started = mine.state.samples.length > 0 || mine.state.error !== null;
  return (
    <div className="flex h-full min-h-0 flex-col bg-page">
      <div className="hairline-b flex h-10 shrink-0 items-center gap-1 px-3">
        <SamplesSelect samples={samples} onSamples={onSamples} />
        <BesideMenu {...props} />
        <MarkdownToggle on={markdown} onChange={setMarkdown} />
        <span className="flex-1" />
        <RunButton verb="Run" running={running} onRun={onRun} onStop={onStop} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">
        <div className="mb-2 flex h-6 items-center justify-between">
          <h2 className="font-semibold">Inputs</h2>
          {names.length > 0 && props.versions[0] && <RecentInputs fileId={props.versions[0].id} onChoose={onInputs} />}
        </div>
        <InputsPane names={names} values={inputs} onChange={onInputs} />
        <div className="mt-5 border-t border-line pt-4">
          {!started && (
            <>
              <h2 className="mb-1 font-semibold">Output</h2>
              <p className="text-ink-3">
                {mayRun ? 'Run it to see what the model answers. Every run leaves a log.' : 'Your role may look, but not run.'}
              </p>
            </>
          )}
          {started && (
            <div className={cx(other && 'grid gap-5 sm:grid-cols-2')}>
              <Side side={mine} markdown={markdown} named={other !== null} />
              {other && <Side side={other} markdown={markdown} named />}
            </div>
          )}
        </div>
      </div>
    </div>
  );
}

function Side({ side, markdown, named }: { side: RunSide; markdown: boolean; named: boolean }): ReactNode {
  return (
    <section className="min-w-0">
      <h2 className="mb-2 flex h-5 items-center font-semibold">
        {named ? <VersionMark hash={side.hash} name={side.name} draft={side.draft} /> : 'Output'}
      </h2>
      <RunOutput state={side.state} markdown={markdown} />
    </section>
  );
}

function BesideMenu({ versions, other, onBeside }: RunPaneProps): ReactNode {
  return (
    <Menu
      align="start"
      className="max-h-96 overflow-y-auto"
      trigger={
        <Button look="quiet" icon={Columns2}>
          {other ? (
            <>
              beside <VersionMark hash={other.hash} name={other.name} />
            </>
          ) : (
            'Compare'
          )}
        </Button>
      }
    >
      <MenuLabel>Run another version beside it</MenuLabel>
      {versions.map((version) => (
        <MenuItem key={version.version_id} onSelect={() => onBeside(version.version_id)}>
          <span className="flex items-center gap-3">
            <VersionMark hash={version.content_hash} name={version.version_name} />
            <span className="truncate text-meta text-ink-3">
              {version.environments.map((one) => one.name).join(', ') || version.version_description}
            </span>
          </span>
        </MenuItem>
      ))}
      {other && (
        <>
          <MenuLine />
          <MenuItem onSelect={() => onBeside(null)}>Only this one</MenuItem>
        </>
      )}
    </Menu>
  );
}
