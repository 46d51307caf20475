import type { EvaluatorSpec, TriedJudgment } from '@whetstone/contract';
import { type Estimate, meanScore, proportion, reasons } from '@whetstone/statistics';
import type { ReactNode } from 'react';
import { formatDuration, formatMoney, formatShare } from '../../../kit/format.ts';
import { Tip } from '../../../kit/tip.tsx';
import { Whisker } from '../../../parts/chart/measured.tsx';
import { categoryOf } from '../../../parts/judge/value.ts';

/** What came of a trial: the answers with their intervals, and apart from them what has no answer. */
export function TrialSummary({
  spec,
  tried,
  tookMs,
}: {
  spec: EvaluatorSpec;
  tried: readonly TriedJudgment[];
  tookMs: number | null;
}): ReactNode {
  const judged = tried.flatMap(({ judgment }) => (judgment === null ? [] : [judgment]));
  const failed = tried.filter(({ outcome }) => outcome === 'failed').length;
  const unjudged = tried.length - judged.length - failed;
  const cost = tried.reduce((sum, { cost_usd: usd }) => sum + (usd ?? 0), 0);
  return (
    <div className="flex flex-col gap-1.5 border-b border-line px-4 py-3" aria-live="polite">
      {judged.length === 0 ? (
        <p className="font-medium">None of {tried.length} could be judged.</p>
      ) : spec.return_type === 'number' ? (
        <NumberLine spec={spec} values={judged.map(Number)} />
      ) : spec.return_type === 'text' ? (
        <p className="font-medium">{judged.length} answers in words.</p>
      ) : (
        <Shares spec={spec} tried={tried} />
      )}
      <p className="text-meta text-ink-3">
        {judged.length} judged
        {unjudged > 0 && `, ${unjudged} not judged`}
        {failed > 0 && <span className="text-worse">, {failed} failed</span>}
        {cost > 0 && `, ${formatMoney(cost)}`}
        {tookMs !== null && `, in ${formatDuration(tookMs)}`}
        {unjudged + failed > 0 && '. What has no answer is not counted as one.'}
      </p>
    </div>
  );
}

/** Each answer as a share of those that were given. A label of several may be given beside others. */
function Shares({ spec, tried }: { spec: EvaluatorSpec; tried: readonly TriedJudgment[] }): ReactNode {
  const judged = tried.flatMap(({ judgment }) => (judgment === null ? [] : [judgment]));
  const given = new Set(judged.flatMap((value) => (Array.isArray(value) ? value : [categoryOf(value)])));
  const offered = spec.return_type === 'boolean' ? ['yes', 'no'] : (spec.options ?? []).map(({ name }) => name);
  const names = [...new Set([...offered, ...given])];
  const shown = spec.return_type === 'boolean' ? ['yes'] : names;
  return (
    <table className="w-fit">
      <tbody>
        {shown.map((name) => {
          const count = judged.filter((value) => (Array.isArray(value) ? value.includes(name) : categoryOf(value) === name)).length;
          return (
            <tr key={name}>
              <th scope="row" className="max-w-40 truncate py-0.5 pr-3 text-left font-medium">
                {name}
              </th>
              <Share estimate={proportion(count, judged.length)} count={count} of={judged.length} />
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Share({ estimate, count, of }: { estimate: Estimate; count: number; of: number }): ReactNode {
  const { estimate: value, lower, upper } = estimate;
  return (
    <>
      <td className="num pr-3 text-right text-ink-3">
        {count} of {of}
      </td>
      <td className="num pr-2 text-right">{value === null ? '–' : formatShare(value)}</td>
      <td>
        {value !== null && lower !== null && upper !== null && (
          <Tip label={`95 % interval ${formatShare(lower)} to ${formatShare(upper)} (${estimate.method})`}>
            <span className="flex items-center gap-2">
              <Whisker value={value} low={lower} high={upper} max={1} width={88} />
              <span className="num text-ink-3 max-sm:hidden">
                {formatShare(lower)} to {formatShare(upper)}
              </span>
            </span>
          </Tip>
        )}
      </td>
    </>
  );
}

function NumberLine({ spec, values }: { spec: EvaluatorSpec; values: readonly number[] }): ReactNode {
  const { min, max } = spec.number_limits ?? {};
  const range = min != null && max != null && max > min ? ([min, max] as const) : null;
  const { estimate, lower, upper, reason } = meanScore(
    values.map((value) => [value]),
    range,
  );
  const short = (value: number) => Number(value.toPrecision(3)).toString();
  return (
    <p>
      <span className="font-medium">Mean</span> <span className="num">{estimate === null ? '–' : short(estimate)}</span>
      {lower !== null && upper !== null ? (
        <span className="text-ink-3">
          , 95 % interval <span className="num">{short(lower)}</span> to <span className="num">{short(upper)}</span>
        </span>
      ) : (
        reason !== null && <span className="text-ink-3">. No interval: {reasons[reason]}</span>
      )}
      <span className="text-ink-3">
        ; least <span className="num">{short(Math.min(...values))}</span>, most <span className="num">{short(Math.max(...values))}</span>
      </span>
    </p>
  );
}
