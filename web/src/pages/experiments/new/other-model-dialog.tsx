import type { PromptResponse } from '@whetstone/contract';
import { kernelOf } from '@whetstone/domain';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Button } from '../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field } from '../../../kit/field.tsx';
import { changedBy } from '../../../parts/file-query.ts';
import { withField } from '../../../parts/prompt/kernel.ts';
import { ModelPicker } from '../../../parts/prompt/model-picker.tsx';
import { useAction } from '../../../parts/use-action.ts';
import { VersionMark } from '../../../parts/version.tsx';

/** Makes a version of what runs that differs in its model only. */
export function OtherModelDialog({
  prompt,
  onClose,
  onMade,
}: {
  prompt: PromptResponse;
  onClose: () => void;
  onMade: (versionId: string) => void;
}): ReactNode {
  const kernel = kernelOf(prompt);
  const models = useQuery({ ...query('models.list'), staleTime: 60_000 });
  const routes = useQuery({ ...query('routes.list'), staleTime: 60_000 });
  const [model, setModel] = useState(kernel.model);
  const [provider, setProvider] = useState(kernel.provider ?? null);
  const { busy, run } = useAction('The version was not made', changedBy('prompt'));
  const same = model === kernel.model && provider === (kernel.provider ?? null);
  const make = async () => {
    let id = '';
    const made = await run(async () => {
      const body = { ...withField({ ...kernel, model }, 'provider', provider), id: prompt.id };
      id = (await call('prompts.upsert', { body: { ...body, version_description: `The same with ${model}` } })).version_id;
    }, `Version with ${model} made`);
    if (!made) return;
    onMade(id);
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="The same prompt with another model"
      description="Makes a version that differs in nothing else. It is not deployed."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <p className="flex flex-wrap items-center gap-2 rounded-md bg-sunken px-3 py-2">
          <VersionMark hash={prompt.content_hash} name={prompt.version_name} /> <span className="text-ink-3">calls {prompt.model}</span>
        </p>
        <Field label="Model">
          {() => (
            <div className="-ml-2">
              <ModelPicker
                model={model}
                provider={provider}
                choices={models.data?.records ?? []}
                routes={(routes.data?.records ?? []).map(({ name }) => name)}
                onChange={(next, from) => {
                  setModel(next);
                  setProvider(from);
                }}
              />
            </div>
          )}
        </Field>
        <DialogActions className="mt-0">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy} disabled={same}>
            Make the version
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
