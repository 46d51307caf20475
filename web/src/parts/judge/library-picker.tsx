import type { LibraryEvaluator } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { cx } from '../../kit/cx.ts';
import { Input } from '../../kit/field.tsx';
import { Notice } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';

const groupNames: Record<string, string> = {
  text: 'Texts',
  structure: 'Structured answers',
  similarity: 'Likeness',
  retrieval: 'Retrieval',
  safety: 'Safety',
  style: 'Style',
  operation: 'Operation',
};

/** The library by group, to choose one from. */
export function LibraryPicker({
  chosen,
  onChoose,
  className,
}: {
  chosen: string | null;
  onChoose: (evaluator: LibraryEvaluator) => void;
  className?: string;
}): ReactNode {
  const { data, error, isPending } = useQuery({ ...query('evaluators.library'), staleTime: Infinity });
  const [text, setText] = useState('');
  const words = text.trim().toLowerCase();
  const found = (data?.records ?? []).filter((one) => `${one.name} ${one.title} ${one.description}`.toLowerCase().includes(words));
  const groups = [...new Set(found.map(({ group }) => group))];
  if (error)
    return (
      <Notice kind="error" title="The library could not be read">
        {error.message}
      </Notice>
    );
  return (
    <div className={cx('flex flex-col gap-2', className)}>
      <Input
        type="search"
        aria-label="Search the library"
        placeholder="Search: contains, tone, cost …"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div
        className="min-h-40 flex-1 overflow-y-auto rounded-md border border-line"
        role="radiogroup"
        aria-label="Evaluators of the library"
      >
        {isPending && <SkeletonRows count={6} height={44} />}
        {groups.map((group) => (
          <div key={group}>
            <h3 className="sticky top-0 z-10 bg-sunken px-3 py-1 text-meta text-ink-3">{groupNames[group] ?? group}</h3>
            {found
              .filter((one) => one.group === group)
              .map((one) => (
                <Choice key={one.name} one={one} chosen={one.name === chosen} onChoose={() => onChoose(one)} />
              ))}
          </div>
        ))}
        {!isPending && found.length === 0 && (
          <p className="px-3 py-6 text-ink-3">Nothing in the library is like “{text}”. A few lines of code or a model can judge it.</p>
        )}
      </div>
    </div>
  );
}

function Choice({ one, chosen, onChoose }: { one: LibraryEvaluator; chosen: boolean; onChoose: () => void }): ReactNode {
  return (
    <label
      className={cx(
        'relative flex flex-col border-b border-line px-3 py-1.5 last:border-b-0 hover:bg-hover has-focus-visible:bg-hover',
        chosen && 'bg-accent-soft hover:bg-accent-soft',
      )}
    >
      <input
        type="radio"
        name="library"
        checked={chosen}
        onChange={onChoose}
        className="absolute inset-0 appearance-none"
        aria-label={one.title}
      />
      <span className="flex items-baseline gap-2">
        <span className="font-medium">{one.title}</span>
        <span className="ml-auto text-meta text-ink-3">{returnsOf(one)}</span>
      </span>
      <span className="text-meta text-ink-2">{one.description}</span>
      {chosen && (
        <span className="mt-1 text-meta text-ink-3">
          Needs {one.needs.map(({ words }) => words).join(', ')}.{one.limits !== null && ` ${one.limits}`}
        </span>
      )}
    </label>
  );
}

function returnsOf({ form }: LibraryEvaluator): string {
  if (form.return_type === 'boolean') return 'yes or no';
  const { min, max } = form.number_limits ?? {};
  return min == null ? 'a number' : max == null ? `${min} and up` : `${min} to ${max}`;
}
