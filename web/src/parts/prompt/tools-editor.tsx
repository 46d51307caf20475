import type { PromptKernel } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { Input } from '../../kit/field.tsx';
import { Menu, MenuItem } from '../../kit/menu.tsx';
import { TextEditor } from '../editor/text-editor.tsx';
import { VersionMark } from '../version.tsx';
import { readObject, removeAt, replaceAt, withField } from './kernel.ts';

type Tool = NonNullable<PromptKernel['tools']>[number];
const blank: Tool = {
  name: 'look_up',
  description: '',
  parameters: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
};

/** The functions that the model may call: written here, or linked from tool files. */
export function ToolsEditor({
  open,
  onClose,
  kernel,
  onChange,
}: {
  open: boolean;
  onClose: () => void;
  kernel: PromptKernel;
  onChange: (kernel: PromptKernel) => void;
}): ReactNode {
  const tools = kernel.tools ?? [];
  const linked = kernel.linked_tools ?? [];
  const files = useQuery({ ...query('tools.list', { query: { size: 100 } }), enabled: open });
  const linkable = (files.data?.records ?? []).filter((file) => file.tool_type === 'json_schema' && !linked.includes(file.version_id));
  const setTools = (next: Tool[]) => onChange(withField(kernel, 'tools', next.length === 0 ? null : next));
  const setLinked = (next: string[]) => onChange(withField(kernel, 'linked_tools', next.length === 0 ? null : next));
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Tools"
      description="Functions that the model may ask to be called. Their results come back as messages."
      width="max-w-2xl"
    >
      <div className="flex flex-col gap-4">
        {tools.map((tool, at) => (
          <ToolEditor
            key={at}
            tool={tool}
            onChange={(changed) => setTools(replaceAt(tools, at, changed))}
            onRemove={() => setTools(removeAt(tools, at))}
          />
        ))}
        {linked.map((versionId) => {
          const file = files.data?.records.find((one) => one.version_id === versionId);
          return (
            <div key={versionId} className="flex items-center gap-2 rounded-md border border-line px-3 py-2">
              <span className="min-w-0 flex-1 truncate">{file?.path ?? versionId}</span>
              {file && <VersionMark hash={file.content_hash} name={file.version_name} className="text-ink-2" />}
              <IconButton icon={Trash2} label="Unlink this tool" onClick={() => setLinked(linked.filter((one) => one !== versionId))} />
            </div>
          );
        })}
        <div className="flex gap-2">
          <Button
            icon={Plus}
            onClick={() => setTools([...tools, { ...blank, name: tools.length === 0 ? blank.name : `${blank.name}_${tools.length + 1}` }])}
          >
            Add tool
          </Button>
          {linkable.length > 0 && (
            <Menu align="start" trigger={<Button>Link a tool file</Button>}>
              {linkable.map((file) => (
                <MenuItem key={file.id} onSelect={() => setLinked([...linked, file.version_id])}>
                  {file.path}
                </MenuItem>
              ))}
            </Menu>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function ToolEditor({ tool, onChange, onRemove }: { tool: Tool; onChange: (tool: Tool) => void; onRemove: () => void }): ReactNode {
  const [text, setText] = useState(() => JSON.stringify(tool.parameters ?? { type: 'object', properties: {} }, null, 2));
  const read = readObject(text);
  const badName = !/^[\w-]{1,64}$/.test(tool.name);
  return (
    <section className="rounded-md border border-line">
      <div className="flex items-center gap-2 border-b border-line p-2">
        <Input
          aria-label="Name of the tool"
          aria-invalid={badName}
          value={tool.name}
          onChange={(event) => onChange({ ...tool, name: event.target.value })}
          className="w-48 font-mono text-[12px]"
        />
        <Input
          aria-label="What the tool does"
          value={tool.description ?? ''}
          onChange={(event) => onChange({ ...tool, description: event.target.value })}
          placeholder="What it does, for the model to read"
          className="flex-1"
        />
        <IconButton icon={Trash2} label="Take this tool out" onClick={onRemove} />
      </div>
      <div className="max-h-72 overflow-y-auto px-3 py-2">
        <TextEditor
          language="json"
          label={`Parameters of ${tool.name} as JSON schema`}
          value={text}
          onChange={(next) => {
            setText(next);
            const object = readObject(next);
            if ('value' in object) onChange({ ...tool, parameters: object.value });
          }}
        />
      </div>
      {('problem' in read || badName) && (
        <p className="border-t border-line px-3 py-1.5 text-meta text-worse">
          {badName
            ? 'A name has letters, digits, dashes and underscores, at most 64.'
            : `${'problem' in read ? read.problem : ''} The last valid schema is kept.`}
        </p>
      )}
    </section>
  );
}
