import { useQuery } from '@tanstack/react-query';
import { ListPlus, RefreshCw } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { messageOf } from '../../../api/errors.ts';
import { query } from '../../../api/query.ts';
import { Button, IconButton } from '../../../kit/button.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Popover } from '../../../kit/popover.tsx';
import { Select } from '../../../kit/select.tsx';
import { type Sample, sizes } from './use-sample.ts';

const anyFile = '';

/** Which logs an evaluator is tried on. */
export function SampleBar({ sample }: { sample: Sample }): ReactNode {
  const tree = useQuery(query('files.tree'));
  const files = (tree.data?.files ?? []).filter(({ type }) => type === 'prompt' || type === 'agent' || type === 'flow' || type === 'tool');
  return (
    <div className="flex h-9 shrink-0 items-center gap-0.5 border-b border-line px-2">
      <Select
        bare
        label="How many logs"
        value={sample.size}
        onChange={(size) => sample.choose({ size })}
        options={sizes.map((value) => ({ value, label: `Newest ${value} logs` }))}
      />
      <span className="text-ink-3">of</span>
      <Select
        bare
        label="Logs of which file"
        value={sample.file ?? anyFile}
        onChange={(file) => sample.choose({ file: file === anyFile ? null : file })}
        options={[{ value: anyFile, label: 'any file' }, ...files.map(({ id, path }) => ({ value: id, label: path }))]}
        className="min-w-0"
      />
      <span className="flex-1" />
      <AddById sample={sample} />
      <IconButton icon={RefreshCw} label="Take the newest again" onClick={sample.refresh} />
    </div>
  );
}

function AddById({ sample }: { sample: Sample }): ReactNode {
  const [open, setOpen] = useState(false);
  const [id, setId] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const add = async () => {
    try {
      await sample.add(id.trim());
      setOpen(false);
      setId('');
      setProblem(null);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      align="end"
      className="w-[min(340px,calc(100vw-16px))]"
      trigger={<IconButton icon={ListPlus} label="Add a log by its id" />}
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <Field label="Id of a log" error={problem} hint="Copied from a log’s page, or from the header x-whetstone-log-id.">
          {(props) => (
            <Input
              {...props}
              value={id}
              onChange={(event) => setId(event.target.value)}
              placeholder="log_…"
              spellCheck={false}
              autoComplete="off"
              className="font-mono text-[12px]"
            />
          )}
        </Field>
        <Button type="submit" look="primary" disabled={id.trim() === ''} className="self-end">
          Add log
        </Button>
      </form>
    </Popover>
  );
}
