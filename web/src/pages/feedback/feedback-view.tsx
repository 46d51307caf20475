import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { Select } from '../../kit/select.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { byUse } from '../../parts/feedback/kinds.ts';
import { useMay } from '../../parts/session.ts';
import { ArrivalsPart } from './arrivals.tsx';
import { bucketCount, KindSection } from './kind-section.tsx';
import { Kinds } from './kinds.tsx';
import { NewKindDialog } from './new-kind-dialog.tsx';
import { useDeploymentMarks } from './use-deployment-marks.ts';

const spans = ['7', '30', '90'] as const;
const everywhere = '*';

export interface FeedbackSearch {
  days?: number | undefined;
  environment?: string | undefined;
}

/** What arrives, what it says, and what is asked; of a workspace or of one file. */
export function FeedbackView({
  fileId,
  search,
  onSearch,
}: {
  fileId: string | null;
  search: FeedbackSearch;
  onSearch: (change: FeedbackSearch) => void;
}): ReactNode {
  const [adding, setAdding] = useState(false);
  const mayWrite = useMay('write');
  return (
    <div className="mx-auto w-full max-w-260 px-4 pt-5 pb-20 md:px-6">
      <section aria-labelledby="arrives">
        <h2 id="arrives" className="mb-2 text-title font-semibold">
          What arrives
        </h2>
        <ArrivalsPart fileId={fileId} />
      </section>
      <Says fileId={fileId} search={search} onSearch={onSearch} />
      <section aria-labelledby="asked" className="mt-12">
        <div className="mb-2 flex items-center gap-3">
          <h2 id="asked" className="text-title font-semibold">
            What is asked
          </h2>
          {mayWrite && (
            <Button icon={Plus} className="ml-auto" onClick={() => setAdding(true)}>
              Add a kind
            </Button>
          )}
        </div>
        <Kinds />
      </section>
      {adding && <NewKindDialog onClose={() => setAdding(false)} />}
    </div>
  );
}

function Says({
  fileId,
  search,
  onSearch,
}: {
  fileId: string | null;
  search: FeedbackSearch;
  onSearch: (change: FeedbackSearch) => void;
}): ReactNode {
  const [now] = useState(() => Date.now());
  const days = spans.find((one) => one === String(search.days)) ?? '30';
  const start = new Date(Math.floor(now / 3_600_000) * 3_600_000 - Number(days) * 86_400_000).toISOString();
  const environments = useQuery(query('environments.list'));
  const { data, error } = useQuery({
    ...query('feedback.summary', {
      query: { start_date: start, buckets: bucketCount, environment: search.environment, ...(fileId === null ? {} : { file_id: fileId }) },
    }),
    refetchInterval: 10_000,
    placeholderData: (before) => before,
  });
  const marks = useDeploymentMarks(fileId, data);
  const kinds = byUse((data?.kinds ?? []).map((kind) => ({ path: kind.evaluator.path, kind }))).map(({ kind }) => kind);
  const said = kinds.filter(({ whole }) => (whole.rate.estimate ?? 0) > 0);
  return (
    <section aria-labelledby="says" className="mt-12">
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <h2 id="says" className="mr-auto text-title font-semibold">
          What it says
        </h2>
        <Segmented
          label="Time"
          value={days}
          onChange={(value) => onSearch({ ...search, days: Number(value) })}
          options={spans.map((value) => ({ value, label: `${value} days` }))}
        />
        <Select
          label="Environment"
          className="w-44"
          value={search.environment ?? everywhere}
          options={[
            { value: everywhere, label: 'All environments' },
            ...(environments.data ?? []).map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={(value) => onSearch({ ...search, environment: value === everywhere ? undefined : value })}
        />
      </div>
      {error && (
        <Notice kind="error" title="What feedback says could not be read">
          {error.message}
        </Notice>
      )}
      {!data && !error && <SkeletonRows count={4} height={56} />}
      {data && said.length === 0 && (
        <p className="rounded-md bg-sunken px-4 py-5 text-ink-2">
          Nothing was said in this time. Votes, actions and corrections appear here within seconds of being sent, by version and over time.
        </p>
      )}
      {data && (
        <div className="flex flex-col gap-12">
          {said.map((kind) => (
            <KindSection
              key={kind.evaluator.id}
              summary={data}
              kind={kind}
              fileId={fileId}
              environment={search.environment}
              marks={marks}
            />
          ))}
        </div>
      )}
    </section>
  );
}
