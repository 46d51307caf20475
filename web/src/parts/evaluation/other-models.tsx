import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { Select } from '../../kit/select.tsx';
import type { VersionedFile } from '../file-query.ts';
import { ModelPicker } from '../prompt/model-picker.tsx';
import { VersionMark } from '../version.tsx';
import type { OtherModel } from './with-model.ts';

const most = 20;

/** The same version with another model: each of them is a run of its own. */
export function OtherModels({
  versions,
  usual,
  chosen,
  onChange,
}: {
  versions: readonly VersionedFile[];
  /** The version that a new one starts from. */
  usual: string | null;
  chosen: readonly OtherModel[];
  onChange: (chosen: OtherModel[]) => void;
}): ReactNode {
  const models = useQuery({ ...query('models.list'), staleTime: 60_000, enabled: chosen.length > 0 });
  const routes = useQuery({ ...query('routes.list'), staleTime: 60_000, enabled: chosen.length > 0 });
  const from = usual ?? versions[0]?.version_id;
  const change = (at: number, other: OtherModel): void => onChange(chosen.with(at, other));
  return (
    <div className="mt-2 flex flex-col items-start gap-2">
      {chosen.length > 0 && (
        <ul aria-label="With another model" className="flex w-full flex-col gap-2">
          {chosen.map((other, at) => (
            <li key={at} className="flex flex-wrap items-center gap-2">
              <Select
                label={`Version ${at + 1} with another model`}
                value={other.versionId}
                onChange={(versionId) => change(at, { ...other, versionId })}
                options={versions.map((one) => ({
                  value: one.version_id,
                  label: <VersionMark hash={one.content_hash} name={one.version_name} />,
                }))}
                className="w-48"
              />
              <span className="text-ink-3">with</span>
              <ModelPicker
                model={other.model}
                provider={other.provider}
                choices={models.data?.records ?? []}
                routes={(routes.data?.records ?? []).map(({ name }) => name)}
                onChange={(model, provider) => change(at, { ...other, model, provider })}
              />
              <IconButton
                icon={X}
                label={`Leave out number ${at + 1} with another model`}
                onClick={() => onChange(chosen.filter((_, index) => index !== at))}
              />
            </li>
          ))}
        </ul>
      )}
      {from !== undefined && chosen.length < most && (
        <Button size="sm" icon={Plus} onClick={() => onChange([...chosen, { versionId: from, model: '', provider: null }])}>
          Same version, another model
        </Button>
      )}
      {chosen.length > 0 && (
        <p className="text-meta text-ink-3">The prompt as it is, called with that model; it is kept as a version without a name.</p>
      )}
    </div>
  );
}
