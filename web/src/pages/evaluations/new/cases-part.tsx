import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { buttonClass } from '../../../kit/button.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { formatCount } from '../../../kit/format.ts';
import { Notice } from '../../../kit/notice.tsx';
import { Select } from '../../../kit/select.tsx';
import { useLinks } from '../../../parts/links.ts';
import { VersionMark } from '../../../parts/version.tsx';
import { Part } from './part.tsx';
import type { NewEvaluation } from './use-new-evaluation.ts';

export function CasesPart({ form }: { form: NewEvaluation }): ReactNode {
  const links = useLinks();
  if (form.datasets.length === 0)
    return (
      <Part title="On which cases">
        <Notice
          title="There is no dataset yet"
          actions={
            <Link {...links.files} className={buttonClass({ size: 'sm' })}>
              All files
            </Link>
          }
        >
          A dataset holds the cases: what goes in, and what should come out. Make one among the files, from logs, or from a CSV file.
        </Notice>
      </Part>
    );
  return (
    <Part title="On which cases" hint="Every version answers the same cases, so that luck with the cases cannot decide.">
      <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_minmax(0,200px)_120px]">
        <Field label="Dataset">
          {({ id }) => (
            <Select
              id={id}
              value={form.datasetId}
              placeholder="Choose a dataset"
              options={form.datasets.map((one) => ({ value: one.id, label: one.path }))}
              onChange={(datasetId) => form.set({ datasetId, datasetVersion: undefined })}
            />
          )}
        </Field>
        <Field label="Version" hint={form.dataset === null ? undefined : `${formatCount(form.dataset.datapoints_count)} cases`}>
          {({ id }) => (
            <Select
              id={id}
              value={form.dataset?.version_id ?? null}
              disabled={form.datasetList.length === 0}
              placeholder="Newest"
              options={form.datasetList.map((one) => ({
                value: one.version_id,
                label: <VersionMark hash={one.content_hash} name={one.version_name} />,
                hint: `${formatCount(one.datapoints_count)} cases`,
              }))}
              onChange={(datasetVersion) => form.set({ datasetVersion })}
            />
          )}
        </Field>
        <Field label="Repetitions" error={form.problems.repetitions} hint={form.repetitions > 1 ? 'shows flaky cases' : 'of each case'}>
          {(props) => (
            <Input
              {...props}
              inputMode="numeric"
              value={form.repetitionsText}
              disabled={form.file?.type === 'flow'}
              onChange={(event) => form.set({ repetitions: event.target.value })}
              className="num"
            />
          )}
        </Field>
      </div>
    </Part>
  );
}
