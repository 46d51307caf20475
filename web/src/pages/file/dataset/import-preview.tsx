import type { ReactNode } from 'react';
import type { Answer } from '../../../api/client.ts';
import { formatCount } from '../../../kit/format.ts';
import { Notice } from '../../../kit/notice.tsx';
import { CaseText } from '../../../parts/dataset/case-text.tsx';

const shown = 4;

/** The first rows as the datapoints that they become, and what is wrong so far. */
export function ImportPreview({ preview, partial }: { preview: Answer<'datasets.preview_import'>; partial: boolean }): ReactNode {
  const { datapoints, rows, problems, missing_targets: missing } = preview;
  return (
    <div className="mt-4">
      <p className="text-meta text-ink-3">
        {partial ? `From the first ${formatCount(rows)} rows` : `${formatCount(rows)} ${rows === 1 ? 'row' : 'rows'}`}
        {missing > 0 && `, ${formatCount(missing)} without a target`}
      </p>
      <ul className="mt-1.5 divide-y divide-line rounded-md border border-line">
        {datapoints.slice(0, shown).map((datapoint, index) => (
          <li key={index} className="px-3 py-2">
            <CaseText datapoint={datapoint} />
          </li>
        ))}
        {datapoints.length === 0 && <li className="px-3 py-2 text-ink-3">No row becomes a datapoint.</li>}
      </ul>
      <Problems problems={problems} total={problems.length} className="mt-3" />
    </div>
  );
}

/** Lines that are wrong, each with why. */
export function Problems({
  problems,
  total,
  className,
}: {
  problems: { line: number; problem: string }[];
  total: number;
  className?: string;
}): ReactNode {
  if (total === 0) return null;
  return (
    <Notice
      kind="warning"
      title={total === 1 ? 'One row is bad' : `${formatCount(total)} rows are bad`}
      {...(className ? { className } : {})}
    >
      <ul className="max-h-40 overflow-y-auto">
        {problems.map(({ line, problem }) => (
          <li key={`${line} ${problem}`}>
            <span className="num">Line {line}</span>: {problem}
          </li>
        ))}
        {total > problems.length && <li>and {formatCount(total - problems.length)} more</li>}
      </ul>
    </Notice>
  );
}
