import type { EvaluatorSpec } from '@whetstone/contract';
import type { Estimate, JudgeAccuracy } from '@whetstone/statistics';
import { reasons } from '@whetstone/statistics';
import type { ReactNode } from 'react';
import { formatShare } from '../../../kit/format.ts';
import { Tip } from '../../../kit/tip.tsx';
import { Whisker } from '../../../parts/chart/measured.tsx';
import { shortHash, Stripe } from '../../../parts/version.tsx';
import { agreementWords, type Comparison, type Difference } from './compare.ts';

/** How far two versions agree, in one sentence and then in numbers. */
export function ComparisonFigures({ spec, found }: { spec: EvaluatorSpec; found: Comparison }): ReactNode {
  const { both, apart, flips, kappa, difference } = found;
  const worse = flips.filter(({ kind }) => kind === 'worse').length;
  const better = flips.filter(({ kind }) => kind === 'better').length;
  return (
    <div className="flex flex-col gap-1 px-4 py-3" aria-live="polite">
      <p className="text-read font-semibold">
        {flips.length} of {both + apart} {flips.length === 1 ? 'judgment flips' : 'judgments flip'}
        {worse + better > 0 && (
          <span className="font-normal text-ink-2">
            : {worse} to worse, {better} to better
          </span>
        )}
      </p>
      {kappa !== null && (
        <Line label="Agreement beyond chance" estimate={kappa} scale={1} text={(value) => value.toFixed(2)} words={agreementWords(kappa)} />
      )}
      {kappa?.agreement != null && (
        <p className="text-meta text-ink-3">
          They say the same on {formatShare(kappa.agreement)} of the {both} logs that both judged (Cohen’s kappa).
        </p>
      )}
      {difference !== null && <Shift spec={spec} difference={difference} />}
      {apart > 0 && (
        <p className="text-meta text-ink-3">
          {apart} {apart === 1 ? 'log was' : 'logs were'} not judged by both, and {apart === 1 ? 'is' : 'are'} left out of the figures.
        </p>
      )}
    </div>
  );
}

/** Which way the answers moved, paired by log. */
function Shift({ spec, difference: { of, estimate } }: { spec: EvaluatorSpec; difference: Difference }): ReactNode {
  const { estimate: value, lower, upper } = estimate;
  if (value === null) return null;
  const short = (number: number) => (of === 'share' ? `${(number * 100).toFixed(1)} points` : Number(number.toPrecision(3)).toString());
  const signed = (number: number) => `${number > 0 ? '+' : ''}${short(number)}`;
  const told = lower !== null && upper !== null && (lower > 0 || upper < 0);
  const up = value > 0;
  const good = of === 'share' ? 'good' : spec.number_valence === 'negative' ? 'lower' : 'higher';
  return (
    <p className="text-meta text-ink-3">
      {told
        ? `The second ${of === 'share' ? `calls ${up ? 'more' : 'fewer'} logs ${good}` : `scores ${up ? 'higher' : 'lower'}`}`
        : 'Whether the second is stricter or milder cannot be told'}
      : <span className="num">{signed(value)}</span>
      {lower !== null && upper !== null ? (
        <>
          , 95 % interval <span className="num">{signed(lower)}</span> to <span className="num">{signed(upper)}</span>.
        </>
      ) : (
        '.'
      )}
    </p>
  );
}

type Side = { hash: string; found: { labelled: number; accuracy: JudgeAccuracy } | null };

/** Both versions against what people said of the same logs. */
export function AgainstPeople({ sides }: { sides: readonly [Side, Side] }): ReactNode {
  const labelled = Math.max(...sides.map(({ found }) => found?.labelled ?? 0));
  if (labelled === 0)
    return (
      <p className="border-t border-line px-4 py-2 text-meta text-ink-3">
        None of these logs was judged good or bad by people. Judge some of them (g g, g b), and the versions are held against them here.
      </p>
    );
  const rows = [
    ['sensitivity', 'Of what people call good, called good'],
    ['specificity', 'Of what people call bad, called bad'],
  ] as const;
  return (
    <section className="border-t border-line px-4 py-3" aria-label="Against people">
      <h3 className="mb-1 font-medium">Against people</h3>
      <div className="grid gap-x-6 sm:grid-cols-2">
        {rows.map(([key, label]) => (
          <div key={key} className="py-0.5">
            <div className="text-meta text-ink-3">{label}</div>
            {sides.map(({ hash, found }, at) => (
              <div key={at} className="flex items-center gap-2">
                <Stripe hash={hash} />
                <span className="num text-ink-3">{shortHash(hash).slice(0, 4)}</span>
                <span className="sr-only">{at === 0 ? 'first' : 'second'}</span>
                {found === null ? (
                  <span className="text-ink-3">nothing to hold it against</span>
                ) : (
                  <ShareLine estimate={found.accuracy[key]} />
                )}
              </div>
            ))}
          </div>
        ))}
      </div>
      <p className="mt-1 text-meta text-ink-3">
        {labelled} of these logs {labelled === 1 ? 'was' : 'were'} judged by people. Logs that people chose because they were doubtful make
        a judge look worse than it is.
      </p>
    </section>
  );
}

function ShareLine({ estimate }: { estimate: Estimate }): ReactNode {
  const { estimate: value, lower, upper, n, reason } = estimate;
  if (value === null || lower === null || upper === null)
    return <span className="text-ink-3">{reason === null ? 'cannot tell' : reasons[reason]}</span>;
  return (
    <>
      <span className="num w-12 text-right">{formatShare(value)}</span>
      <Whisker value={value} low={lower} high={upper} max={1} />
      <span className="num text-ink-3">
        {formatShare(lower)} to {formatShare(upper)}, n {n}
      </span>
    </>
  );
}

function Line({
  label,
  estimate: { estimate: value, lower, upper, warnings, reason },
  scale,
  text,
  words,
}: {
  label: string;
  estimate: Estimate;
  scale: number;
  text: (value: number) => string;
  words: string;
}): ReactNode {
  return (
    <div className="flex flex-wrap items-center gap-x-2">
      <span>
        {label}: <span className="font-medium">{words}</span>
      </span>
      {value === null ? (
        <span className="text-meta text-ink-3">{reason === null ? '' : reasons[reason]}</span>
      ) : (
        <Tip label={warnings.length === 0 ? '95 % interval' : warnings.join(' ')}>
          <span className="flex items-center gap-2">
            <span className="num">{text(value)}</span>
            {lower !== null && upper !== null && (
              <>
                <Whisker value={Math.max(0, value)} low={Math.max(0, lower)} high={Math.max(0, upper)} max={scale} width={88} />
                <span className="num text-ink-3">
                  {text(lower)} to {text(upper)}
                </span>
              </>
            )}
          </span>
        </Tip>
      )}
    </div>
  );
}
