import type { EvaluatorResponse, EvaluatorSpec } from '@whetstone/contract';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { useHotkeys } from '../../../kit/hotkeys.ts';
import { Segmented } from '../../../kit/segmented.tsx';
import { Split } from '../../../kit/split.tsx';
import { useWide } from '../../../kit/use-wide.ts';
import { StillDeployed } from '../../../parts/deploy/still-deployed.tsx';
import { useMay, useSession } from '../../../parts/session.ts';
import { SaveDialog } from '../editor/save-dialog.tsx';
import { evaluatorDrafts, useDraft } from '../editor/use-draft.ts';
import { VersionBar } from '../editor/version-bar.tsx';
import { ProvePane } from './prove-pane.tsx';
import { SpecForm } from './spec-form.tsx';
import { useCheck } from './use-check.ts';
import { useSample } from './use-sample.ts';
import { useTrials } from './use-trials.ts';

export interface EvaluatorEditorProps {
  /** What to start from when there is no draft. */
  version: EvaluatorResponse;
  versions: EvaluatorResponse[];
  asked: string | null;
  /** The version that the editor is compared with. */
  beside: string | null;
  onSearch: (change: { version?: string | undefined; beside?: string | undefined }) => void;
}

/** The evaluator at the left, what it says of real logs at the right. On a phone one at a time. */
export default function EvaluatorEditor({ version, versions, asked, beside, onSearch }: EvaluatorEditorProps): ReactNode {
  const { workspace } = useSession();
  const wide = useWide(1024);
  const mayWrite = useMay('write');
  const draft = useDraft(evaluatorDrafts, workspace.slug, version, versions, asked);
  const { spec } = draft.kernel;
  const { found, current } = useCheck(spec, draft.hash);
  const sample = useSample(workspace.slug, version.id);
  const trials = useTrials();
  const [saving, setSaving] = useState(false);
  const [side, setSide] = useState<'evaluator' | 'prove'>('evaluator');
  useHotkeys({
    'mod+s': () => mayWrite && draft.dirty && setSaving(true),
    escape: () => trials.running !== null && trials.stop(),
  });
  const left = (
    <div className="flex h-full min-h-0 flex-col">
      <VersionBar draft={draft} versions={versions} onSave={() => setSaving(true)} onVersion={(id) => onSearch({ version: id })} />
      {!draft.dirty && draft.base.version_id === versions[0]?.version_id && (
        <StillDeployed kind="evaluator" fileId={version.id} versionId={draft.base.version_id} className="hairline-b" />
      )}
      <SpecForm
        spec={spec}
        path={version.path}
        onChange={(next: EvaluatorSpec) => draft.set({ spec: next })}
        found={found}
        current={current}
        roots={[sample.given.log, sample.testcase]}
        readOnly={!mayWrite}
      />
    </div>
  );
  const right = (
    <ProvePane
      draft={{ hash: draft.hash, path: version.path, spec }}
      base={draft.base}
      versions={versions}
      sample={sample}
      trials={trials}
      beside={beside}
      onBeside={(id) => onSearch({ beside: id })}
      onRun={() => setSide('prove')}
    />
  );
  return (
    <>
      {wide ? (
        <Split name="evaluator" left={left} right={right} initial={620} min={420} />
      ) : (
        <div className="flex min-h-0 flex-1 flex-col">
          <div className="px-3 py-2">
            <Segmented
              label="Pane"
              value={side}
              onChange={setSide}
              options={[
                { value: 'evaluator', label: 'Evaluator' },
                { value: 'prove', label: trials.running === null ? 'Try it' : 'Try it …' },
              ]}
              className="flex w-full *:flex-1"
            />
          </div>
          <div className="min-h-0 flex-1">{side === 'evaluator' ? left : right}</div>
        </div>
      )}
      {saving && (
        <SaveDialog
          draft={draft}
          placeholder="Counts an empty answer as bad"
          save={async (said) => {
            const { version_id: id } = await call('evaluators.upsert', { body: { id: version.id, spec, ...said } });
            return id;
          }}
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
