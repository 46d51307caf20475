import type { AgainstPeople, Measured } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { formatCount } from '../../kit/format.ts';
import { Ago } from '../../kit/time.tsx';
import { Section } from '../../parts/log/section.tsx';
import { VersionMark } from '../../parts/version.tsx';
import { Interval } from './interval.tsx';

/** Whether the judge has become another: by its versions, oldest first. */
export function JudgeVersions({ of }: { of: AgainstPeople }): ReactNode {
  if (of.versions.length === 0) return null;
  return (
    <Section title="By version of the judge">
      <ul className="border-t border-line">
        {of.versions.map((version) => (
          <li
            key={version.version_id}
            className="grid gap-x-6 gap-y-1 border-b border-line py-2.5 md:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]"
          >
            <div>
              <VersionMark hash={version.content_hash} name={version.name} />
              <div className="text-meta text-ink-3">
                {formatCount(version.judged)} judged, {formatCount(version.labelled)} labelled, last <Ago at={version.last_at} />
              </div>
            </div>
            <div className="flex flex-col gap-1">
              {of.measure === 'score' ? (
                <span className="text-ink-3">Scores: see the means above</span>
              ) : version.labelled === 0 ? (
                <span className="text-ink-3">People labelled none of what it judged</span>
              ) : (
                <>
                  <Line name="finds good" of={version.sensitivity} />
                  <Line name="finds bad" of={version.specificity} />
                </>
              )}
              {version.change !== null && <p className="text-meta text-ink-2">{changeText(version.change)}</p>}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Line({ name, of }: { name: string; of: Measured | null }): ReactNode {
  return (
    <span className="flex flex-wrap items-center gap-x-3">
      <span className="w-20 text-meta text-ink-3">{name}</span>
      <Interval of={of} />
    </span>
  );
}

function changeText({ sensitivity, specificity }: { sensitivity: Measured; specificity: Measured }): string {
  const said = (what: string, { lower, upper }: Measured) => {
    if (lower === null || upper === null) return null;
    if (lower > 0) return `finds ${what} better than the version before`;
    return upper < 0 ? `finds ${what} worse than the version before` : null;
  };
  const changes = [said('good', sensitivity), said('bad', specificity)].filter((one) => one !== null);
  return changes.length === 0 ? 'No change from the version before that these labels could tell.' : `It ${changes.join(', and ')}.`;
}
