import type { PromptKernel } from '@whetstone/contract';
import { type ReactNode, useState } from 'react';
import { Segmented } from '../../kit/segmented.tsx';
import { TextEditor } from '../editor/text-editor.tsx';
import { readObject } from './kernel.ts';

type Format = NonNullable<PromptKernel['response_format']>;
const example = {
  name: 'answer',
  strict: true,
  schema: { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'], additionalProperties: false },
};

/** What form the answer must have: any text, any JSON, or JSON of a schema. */
export function ResponseFormatEditor({ value, onChange }: { value: Format | null; onChange: (value: Format | null) => void }): ReactNode {
  const type = value?.type ?? 'text';
  const [text, setText] = useState(() => JSON.stringify(value?.json_schema ?? example, null, 2));
  const read = readObject(text);
  const choose = (next: Format['type']) => {
    if (next === 'text') onChange(null);
    else if (next === 'json_object') onChange({ type: next });
    else onChange({ type: next, json_schema: 'value' in read ? read.value : example });
  };
  return (
    <div className="flex flex-col gap-3">
      <Segmented
        label="Answer format"
        value={type}
        onChange={choose}
        options={[
          { value: 'text', label: 'Text' },
          { value: 'json_object', label: 'JSON' },
          { value: 'json_schema', label: 'JSON schema' },
        ]}
        className="self-start"
      />
      {type === 'text' && <p className="text-ink-3">The model answers as it likes.</p>}
      {type === 'json_object' && (
        <p className="text-ink-3">The model answers with some JSON object. Most providers want the word “JSON” in the messages too.</p>
      )}
      {type === 'json_schema' && (
        <>
          <div className="max-h-80 overflow-y-auto rounded-md bg-sunken p-2.5">
            <TextEditor
              language="json"
              label="JSON schema of the answer"
              value={text}
              onChange={(next) => {
                setText(next);
                const object = readObject(next);
                if ('value' in object) onChange({ type: 'json_schema', json_schema: object.value });
              }}
            />
          </div>
          {'problem' in read && <p className="text-meta text-worse">{read.problem} The last valid schema is kept.</p>}
        </>
      )}
    </div>
  );
}
