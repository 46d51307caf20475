import type { EvaluationResponse } from '@whetstone/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Button } from '../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { EstimateLine } from '../../../parts/evaluation/estimate-line.tsx';
import { OtherModels } from '../../../parts/evaluation/other-models.tsx';
import { useOtherEstimates } from '../../../parts/evaluation/use-other-estimates.ts';
import { isChosen, type OtherModel, overrideOf, sumOfEstimates } from '../../../parts/evaluation/with-model.ts';
import { VersionChoice } from '../../../parts/evaluation/version-choice.tsx';
import { isVersioned, versionsQuery } from '../../../parts/file-query.ts';
import { useAction } from '../../../parts/use-action.ts';
import { useReportHere } from './report-context.ts';

/** Other versions of the file, over the same cases with as many repetitions. */
export function AddRunDialog({ evaluation, onClose }: { evaluation: EvaluationResponse; onClose: () => void }): ReactNode {
  const { id, progress, report, refresh } = useReportHere();
  const tree = useQuery(query('files.tree'));
  const file = tree.data?.files.find((one) => one.id === evaluation.file_id);
  const kind = file !== undefined && isVersioned(file.type) ? file.type : 'prompt';
  const versions = useQuery({ ...versionsQuery(kind, file?.id ?? ''), enabled: file !== undefined });
  const model = [...progress.values()].find((one) => one.dataset !== null);
  const orchestrated = kind !== 'flow' && kind !== 'dataset' && kind !== 'evaluator';
  const there = new Set(report.runs.map((one) => one.version?.version_id));
  const left = (versions.data ?? []).filter((one) => !there.has(one.version_id));
  const [chosen, setChosen] = useState<string[]>([]);
  const [others, setOthers] = useState<OtherModel[]>([]);
  const count = chosen.length + others.length;
  const complete = others.every(isChosen);
  const [cap, setCap] = useState('');
  const { busy, run } = useAction('The versions were not added', ['evaluations.list', 'evaluations.get']);
  const dataset = { version_id: model?.dataset?.version_id ?? '' };
  const repetitions = Math.max(1, model?.repetitions ?? 1);
  const judges = evaluation.evaluators.map(({ version }) => ({ version_id: version.version_id }));
  const ofOthers = useOtherEstimates(others, { dataset, evaluators: judges, repetitions }, orchestrated && model !== undefined && complete);
  const own = useQuery({
    ...query('evaluations.estimate', {
      params: { id },
      body: { dataset, versions: chosen.map((one) => ({ version_id: one })), repetitions },
    }),
    enabled: chosen.length > 0 && orchestrated && model !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const capUsd = cap.trim() === '' ? null : Number(cap);
  const add = () =>
    run(
      async () => {
        await call('evaluations.create_runs', {
          params: { id },
          body: {
            runs: [
              ...chosen.map((one) => ({ version: { version_id: one } })),
              ...others.map((one) => ({ version: { version_id: one.versionId }, override: overrideOf(one) })),
            ].map((one) => ({
              ...one,
              dataset,
              orchestrated,
              ...(orchestrated ? { repetitions, max_cost_usd: capUsd === null ? null : capUsd / count } : {}),
            })),
          },
        });
        refresh();
      },
      count === 1 ? 'Version added' : `${count} versions added`,
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title="Add versions"
      description="They answer the same cases and stand in the report beside the others. More versions make each verdict a little stricter."
      width="max-w-2xl"
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void add().then((done) => done && onClose());
        }}
      >
        {model === undefined && (
          <Notice kind="warning" title="No run of this evaluation names a dataset">
            Create the first run by the API, with a dataset; then others can be added here.
          </Notice>
        )}
        {versions.isPending && file !== undefined && <SkeletonRows count={3} height={40} />}
        {tree.data !== undefined && file === undefined && (
          <Notice kind="warning">The file of this evaluation was deleted, so there are no versions to add.</Notice>
        )}
        {versions.data !== undefined && left.length === 0 && (
          <p className="text-ink-2">Every saved version is in the report. Save a new one, then add it here.</p>
        )}
        {left.length > 0 && model !== undefined && <VersionChoice versions={left} chosen={chosen} onChange={setChosen} />}
        {kind === 'prompt' && model !== undefined && versions.data !== undefined && (
          <OtherModels
            versions={versions.data}
            usual={report.runs.find((one) => one.baseline)?.version?.version_id ?? null}
            chosen={others}
            onChange={setOthers}
          />
        )}
        {count > 0 && complete && orchestrated && (
          <EstimateLine
            estimate={sumOfEstimates([...(chosen.length > 0 ? [own.data] : []), ...ofOthers.estimates])}
            error={own.error ?? ofOthers.error}
          />
        )}
        {orchestrated && (left.length > 0 || others.length > 0) && (
          <Field label="Stop at, in USD" hint="For the added versions together; nothing is no cap." className="max-w-60">
            {(props) => (
              <Input
                {...props}
                inputMode="decimal"
                value={cap}
                placeholder="no cap"
                onChange={(event) => setCap(event.target.value)}
                className="num"
              />
            )}
          </Field>
        )}
        <DialogActions className="mt-0">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            busy={busy}
            disabled={count === 0 || !complete || model === undefined || (capUsd !== null && !(capUsd > 0))}
          >
            {orchestrated ? 'Run' : 'Add'} {count === 0 ? 'versions' : count === 1 ? '1 version' : `${count} versions`}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
