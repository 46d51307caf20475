import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { call } from '../api/client.ts';
import { Button } from '../kit/button.tsx';
import { Dialog, DialogActions } from '../kit/dialog.tsx';
import { Field, Input } from '../kit/field.tsx';
import { Select } from '../kit/select.tsx';
import { useLinks } from './links.ts';
import { useAction } from './use-action.ts';

type Makeable = 'prompt' | 'tool' | 'evaluator' | 'flow';
const options: { value: Makeable; label: string; teaches: string }[] = [
  { value: 'prompt', label: 'Prompt', teaches: 'Messages with variables, a model and its parameters.' },
  { value: 'tool', label: 'Tool', teaches: 'A function that a model may call, described by a JSON schema.' },
  { value: 'evaluator', label: 'Evaluator', teaches: 'A question that people answer about a log: good or bad.' },
  { value: 'flow', label: 'Flow', teaches: 'The root of a trace, when several calls make one answer.' },
];

/** Makes a file of the chosen kind with the smallest content that means something, and resolves to its id. */
async function make(kind: Makeable, path: string): Promise<string> {
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
    const options = [
      { name: 'good', valence: 'positive' as const },
      { name: 'bad', valence: 'negative' as const },
    ];
    return (
      await call('evaluators.upsert', {
        body: { path, spec: { evaluator_type: 'human', return_type: 'select', arguments_type: 'target_free', options } },
      })
    ).id;
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
  const [path, setPath] = useState(directory === '' ? '' : `${directory}/`);
  const navigate = useNavigate();
  const { busy, run } = useAction('The file was not made', ['files.tree', 'files.list_files']);
  const submit = async () => {
    let id = '';
    if (await run(async () => (id = await make(kind, path.trim())))) {
      onClose();
      setPath('');
      await navigate(links.file(id));
    }
  };
  return (
    <Dialog open={open} onClose={onClose} title="New file">
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
          <Button type="submit" look="primary" busy={busy} disabled={path.trim() === '' || path.endsWith('/')}>
            Make {kind}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
