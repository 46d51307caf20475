import type { PromptResponse } from '@whetstone/contract';
import { kernelOf, variables as variablesOf } from '@whetstone/domain';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { useHotkeys } from '../../../kit/hotkeys.ts';
import { Segmented } from '../../../kit/segmented.tsx';
import { Split } from '../../../kit/split.tsx';
import { useStored } from '../../../kit/stored.ts';
import { useWide } from '../../../kit/use-wide.ts';
import { readInput } from '../../../parts/prompt/kernel.ts';
import { ModelBar } from '../../../parts/prompt/model-bar.tsx';
import { useRun } from '../../../parts/prompt/use-run.ts';
import { useSession } from '../../../parts/session.ts';
import { Document } from './document.tsx';
import { RunPane } from './run-pane.tsx';
import { SaveDialog } from './save-dialog.tsx';
import { promptDrafts, useDraft } from './use-draft.ts';
import { VersionBar } from './version-bar.tsx';

export interface PromptEditorProps {
  /** What to start from when there is no draft. */
  version: PromptResponse;
  versions: PromptResponse[];
  asked: string | null;
  /** The version that runs beside. */
  beside: string | null;
  onSearch: (change: { version?: string | undefined; beside?: string | undefined }) => void;
}

/** The prompt at the left, its runs at the right. On a phone one at a time. */
export default function PromptEditor({ version, versions, asked, beside, onSearch }: PromptEditorProps): ReactNode {
  const { workspace } = useSession();
  const wide = useWide(1024);
  const draft = useDraft(promptDrafts, workspace.slug, version, versions, asked);
  const [inputs, setInputs] = useStored<Record<string, string>>(`whetstone.inputs.${workspace.slug}.${version.id}`, {});
  const [samples, setSamples] = useState(1);
  const [saving, setSaving] = useState(false);
  const [pane, setPane] = useState<'prompt' | 'run'>('prompt');
  const mine = useRun();
  const other = useRun();
  const names = variablesOf(draft.kernel.template, draft.kernel.template_language);
  const besideVersion = versions.find((one) => one.version_id === beside) ?? null;
  const running = mine.state.running || other.state.running;

  const run = () => {
    const values = Object.fromEntries(names.map((name) => [name, readInput(inputs[name] ?? '')]));
    const body = { id: version.id, inputs: values, messages: [], num_samples: samples, draft: true };
    void mine.run({ ...body, prompt: draft.kernel });
    if (besideVersion) void other.run({ ...body, prompt: kernelOf(besideVersion) });
    setPane('run');
  };
  const stop = () => {
    mine.stop();
    other.stop();
  };
  useHotkeys({
    'mod+enter': () => !running && run(),
    'mod+s': () => draft.dirty && setSaving(true),
    escape: () => running && stop(),
  });

  const left = (
    <div className="flex h-full min-h-0 flex-col">
      <VersionBar draft={draft} versions={versions} onSave={() => setSaving(true)} onVersion={(id) => onSearch({ version: id })} />
      <ModelBar kernel={draft.kernel} onChange={draft.set} />
      <Document draft={draft} names={names} />
    </div>
  );
  const right = (
    <RunPane
      names={names}
      inputs={inputs}
      onInputs={setInputs}
      samples={samples}
      onSamples={setSamples}
      running={running}
      onRun={run}
      onStop={stop}
      mine={{ state: mine.state, hash: draft.hash, name: draft.same?.version_name ?? null, draft: draft.same === null }}
      other={besideVersion && { state: other.state, hash: besideVersion.content_hash, name: besideVersion.version_name, draft: false }}
      versions={versions}
      onBeside={(id) => {
        other.reset();
        onSearch({ beside: id ?? undefined });
      }}
    />
  );
  return (
    <>
      {wide ? (
        <Split name="editor" left={left} right={right} initial={besideVersion ? 620 : 440} />
      ) : (
        <div className="flex min-h-0 flex-1 flex-col">
          <div className="px-3 py-2">
            <Segmented
              label="Pane"
              value={pane}
              onChange={setPane}
              options={[
                { value: 'prompt', label: 'Prompt' },
                { value: 'run', label: running ? 'Run …' : 'Run' },
              ]}
              className="flex w-full *:flex-1"
            />
          </div>
          <div className="min-h-0 flex-1">{pane === 'prompt' ? left : right}</div>
        </div>
      )}
      {saving && (
        <SaveDialog
          draft={draft}
          placeholder="Asks for the order number first"
          save={async (said) =>
            (await call('prompts.upsert', { body: { id: version.id, ...draft.kernel, parent_version_id: draft.base.version_id, ...said } }))
              .version_id
          }
          onClose={() => setSaving(false)}
          onSaved={(id) => {
            draft.discard();
            onSearch({ version: id });
          }}
        />
      )}
    </>
  );
}
