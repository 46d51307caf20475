import type { LibraryEvaluator } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Field } from '../../kit/field.tsx';
import { Select } from '../../kit/select.tsx';
import { LibraryPicker } from './library-picker.tsx';
import { type Start, starts } from './starts.ts';

/** What a new evaluator judges by: one of the library, or one that is written. */
export function StartPicker({
  start,
  onStart,
  chosen,
  onChoose,
}: {
  start: Start;
  onStart: (start: Start) => void;
  chosen: LibraryEvaluator | null;
  onChoose: (evaluator: LibraryEvaluator) => void;
}): ReactNode {
  return (
    <>
      <Field label="Judged by" hint={starts.find(({ value }) => value === start)?.teaches}>
        {({ id }) => <Select id={id} value={start} options={starts} onChange={onStart} />}
      </Field>
      {start === 'library' && <LibraryPicker chosen={chosen?.name ?? null} onChoose={onChoose} className="h-[30vh] min-h-52" />}
    </>
  );
}
