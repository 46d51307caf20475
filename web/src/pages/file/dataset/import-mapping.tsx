import type { ImportColumn } from '@whetstone/contract';
import type { ReactNode } from 'react';
import type { Answer } from '../../../api/client.ts';
import { Input } from '../../../kit/field.tsx';
import { Select } from '../../../kit/select.tsx';

type Column = Answer<'datasets.preview_import'>['columns'][number];

const choices: { value: ImportColumn['to']; label: string; hint: string }[] = [
  { value: 'input', label: 'Input', hint: 'A variable of the prompt' },
  { value: 'target', label: 'Target', hint: 'What should come out' },
  { value: 'target_key', label: 'Key of the target', hint: 'One of several wanted values' },
  { value: 'message', label: 'Message', hint: 'What somebody says' },
  { value: 'messages', label: 'Messages', hint: 'A JSON list of messages' },
  { value: 'inputs', label: 'All inputs', hint: 'A JSON object' },
  { value: 'split', label: 'Split', hint: 'train, validation, test …' },
  { value: 'tags', label: 'Tags', hint: 'Words with commas between' },
  { value: 'metadata_key', label: 'Metadata', hint: 'Kept beside the case' },
  { value: 'metadata', label: 'All metadata', hint: 'A JSON object' },
  { value: 'id', label: 'Id', hint: 'Twice in a file is an error' },
  { value: 'ignore', label: 'Leave out', hint: '' },
];
const keyed: Partial<Record<ImportColumn['to'], string>> = {
  input: 'Name of the input',
  target_key: 'Key of the target',
  metadata_key: 'Key of the metadata',
  message: 'Role',
};

/** What each column of the file becomes. */
export function ImportMapping({
  columns,
  onChange,
}: {
  columns: Column[];
  onChange: (name: string, column: ImportColumn) => void;
}): ReactNode {
  return (
    <div role="group" aria-label="What each column becomes" className="mt-4 overflow-hidden rounded-md border border-line">
      {columns.map(({ name, to, key, examples }) => (
        <div
          key={name}
          className="grid grid-cols-1 items-center gap-x-4 gap-y-1 border-b border-line px-3 py-1.5 last:border-b-0 md:grid-cols-[minmax(0,1fr)_180px_180px]"
        >
          <div className="flex min-w-0 items-baseline gap-3">
            <code className="shrink-0 font-medium">{name}</code>
            <span className="min-w-0 truncate text-meta text-ink-3">{examples.join(' · ')}</span>
          </div>
          <Select
            label={`What ${name} becomes`}
            value={to}
            options={choices}
            onChange={(next) =>
              onChange(name, {
                to: next,
                key: next === 'message' ? 'user' : next in keyed ? (key !== null && to !== 'message' ? key : name) : null,
              })
            }
          />
          {keyed[to] === undefined ? (
            <span />
          ) : (
            <Input
              aria-label={`${keyed[to]} for ${name}`}
              value={key ?? ''}
              onChange={(event) => onChange(name, { to, key: event.target.value })}
              spellCheck={false}
            />
          )}
        </div>
      ))}
    </div>
  );
}
