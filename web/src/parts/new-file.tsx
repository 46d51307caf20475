import type { LibraryEvaluator } from '@whetstone/contract';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { call } from '../api/client.ts';
import { Button } from '../kit/button.tsx';
import { Dialog, DialogActions } from '../kit/dialog.tsx';
import { Field, Input } from '../kit/field.tsx';
import { Select } from '../kit/select.tsx';
import { StartPicker } from './judge/start-picker.tsx';
import { type Start, startOf, startOfLibrary } from './judge/starts.ts';
import { useLinks } from './links.ts';
import { useAction } from './use-action.ts';

type Makeable = 'prompt' | 'tool' | 'evaluator' | 'flow';
const options: { value: Makeable; label: string; teaches: string }[] = [
  { value: 'prompt', label: 'Prompt', teaches: 'Messages with variables, a model and its parameters.' },
  { value: 'tool', label: 'Tool', teaches: 'A function that a model may call, described by a JSON schema.' },
  { value: 'evaluator', label: 'Evaluator', teaches: 'Says how good a log is: by code, a model, people, or the library.' },
  { value: 'flow', label: 'Flow', teaches: 'The root of a trace, when several calls make one answer.' },
];

type Chosen = { start: Exclude<Start, 'library'> } | { start: 'library'; one: LibraryEvaluator };

/** Makes a file of the chosen kind with the smallest content that means something, and resolves to its id. */
async function make(kind: Makeable, path: string, evaluator: Chosen): Promise<string> {
  if (kind === 'prompt') {
    const template = [
      { role: 'system' as const, content: 'You are a helpful assistant.' },
      { role: 'user' as const, content: '{{question}}' },
    ];
    return (await call('prompts.upsert', { body: { path, model: await firstModel(), template, version_description: 'First version' } })).id;
  }
  if (kind === 'tool') {
    const name = path.slice(path.lastIndexOf('/') + 1).replaceAll(/\W+/g, '_');
    const parameters = { type: 'object', properties: { query: { type: 'string', description: 'What to look for' } }, required: ['query'] };
    return (
      await call('tools.upsert', {
        body: { path, tool_type: 'json_schema', function: { name, description: 'What the tool does', parameters } },
      })
    ).id;
  }
  if (kind === 'evaluator') {
    const model = await firstModel();
    const spec = evaluator.start === 'library' ? startOfLibrary(evaluator.one, model) : startOf(evaluator.start, model);
    return (await call('evaluators.upsert', { body: { path, spec, version_description: 'First version' } })).id;
  }
  return (await call('flows.upsert', { body: { path, attributes: {} } })).id;
}

/** A model that can be called now, an own one before a simulated one. */
async function firstModel(): Promise<string> {
  const { records } = await call('models.list');
  const usable = records.filter((model) => model.available);
  return (usable.find((model) => !model.simulated) ?? usable[0] ?? records[0])?.model ?? 'gpt-4o-mini';
}

export default function NewFileDialog({
  open,
  onClose,
  directory = '',
}: {
  open: boolean;
  onClose: () => void;
  directory?: string;
}): ReactNode {
  const links = useLinks();
  const [kind, setKind] = useState<Makeable>('prompt');
  const [start, setStart] = useState<Start>('library');
  const [one, setOne] = useState<LibraryEvaluator | null>(null);
  const [path, setPath] = useState(directory === '' ? '' : `${directory}/`);
  const navigate = useNavigate();
  const { busy, run } = useAction('The file was not made', ['files.tree', 'files.list_files']);
  const chosen: Chosen | null = start !== 'library' ? { start } : one === null ? null : { start, one };
  const lacks = kind === 'evaluator' && chosen === null;
  const choose = (next: LibraryEvaluator) => {
    // A path that was only suggested follows the choice.
    const slash = path.lastIndexOf('/') + 1;
    const last = path.slice(slash);
    if (last === '' || last === one?.name) setPath(`${path.slice(0, slash) || 'checks/'}${next.name}`);
    setOne(next);
  };
  const submit = async () => {
    let id = '';
    if (await run(async () => (id = await make(kind, path.trim(), chosen ?? { start: 'people' })))) {
      onClose();
      setPath('');
      await navigate(links.file(id));
    }
  };
  return (
    <Dialog open={open} onClose={onClose} title="New file" width={kind === 'evaluator' ? 'max-w-2xl' : 'max-w-md'}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Field label="Kind" hint={options.find((option) => option.value === kind)?.teaches}>
          {({ id }) => <Select id={id} value={kind} options={options} onChange={setKind} />}
        </Field>
        {kind === 'evaluator' && <StartPicker start={start} onStart={setStart} chosen={one} onChoose={choose} />}
        <Field label="Path" hint="Where it lives, directories separated by a slash. Applications name it by this path.">
          {(props) => (
            <Input
              {...props}
              value={path}
              onChange={(event) => setPath(event.target.value)}
              placeholder="support/answer"
              autoFocus
              autoComplete="off"
              spellCheck={false}
              className="font-mono"
            />
          )}
        </Field>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy} disabled={lacks || path.trim() === '' || path.endsWith('/')}>
            Make {kind}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
