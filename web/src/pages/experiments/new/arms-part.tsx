import { Link } from '@tanstack/react-router';
import { Cpu, Plus, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button, buttonClass, IconButton } from '../../../kit/button.tsx';
import { Menu, MenuItem } from '../../../kit/menu.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Segmented } from '../../../kit/segmented.tsx';
import { Select } from '../../../kit/select.tsx';
import { Ago } from '../../../kit/time.tsx';
import { useLinks } from '../../../parts/links.ts';
import { VersionMark } from '../../../parts/version.tsx';
import { control } from './form.ts';
import { OtherModelDialog } from './other-model-dialog.tsx';
import { Part } from './part.tsx';
import type { NewExperiment } from './use-new-experiment.ts';

const mostArms = 10;

/** What is tried against what runs, and where. */
export function ArmsPart({ form }: { form: NewExperiment }): ReactNode {
  const links = useLinks();
  const { file, environment, deployed, occupied } = form;
  return (
    <Part
      title="What is tried"
      hint="Each user gets one of these, always the same one. What runs now is the control that the others are held against."
    >
      <div className="flex flex-wrap gap-4">
        <Field label="Prompt or agent" className="min-w-60 flex-1">
          {({ id }) => (
            <Select
              id={id}
              value={file?.id ?? null}
              placeholder="Choose a prompt or an agent"
              options={form.subjects.map((one) => ({ value: one.id, label: one.path }))}
              onChange={(fileId) => form.set({ fileId, versions: undefined, weights: undefined, environment: undefined })}
            />
          )}
        </Field>
        {environment !== null && (
          <Field label="Environment">
            {() => (
              <Segmented
                label="Environment"
                value={environment.name}
                options={(form.environments.data ?? []).map((one) => ({ value: one.name, label: one.name }))}
                onChange={(name) => form.set({ environment: name, versions: undefined, weights: undefined })}
                className="h-8"
              />
            )}
          </Field>
        )}
      </div>
      {occupied !== null && (
        <Notice
          kind="warning"
          title={`${occupied.name} runs in ${occupied.environment.name}`}
          actions={
            <Link {...links.experiment(occupied.id)} className={buttonClass({ size: 'sm' })}>
              Open it
            </Link>
          }
        >
          One experiment runs per prompt and environment. This one can be saved as a draft, and started when that one has ended.
        </Notice>
      )}
      {environment !== null && deployed === null && (
        <Notice
          kind="warning"
          title={`Nothing is deployed to ${environment.name}`}
          actions={
            file && (
              <Link {...links.deployments(file.id)} className={buttonClass({ size: 'sm' })}>
                Deploy first
              </Link>
            )
          }
        >
          The control is what is deployed when the experiment starts; without it there is nothing to compare with.
        </Notice>
      )}
      {file !== null && form.versions.data !== undefined && <Arms form={form} />}
    </Part>
  );
}

function Arms({ form }: { form: NewExperiment }): ReactNode {
  const [otherModel, setOtherModel] = useState(false);
  const { chosen, deployed, versionList, choices } = form;
  const arms = [control, ...chosen];
  const free = versionList.filter((one) => one.version_id !== deployed?.version_id && !chosen.includes(one.version_id));
  const base = form.deployedVersion ?? versionList[0] ?? null;
  const change = (versions: string[]) => form.set({ versions, weights: undefined });
  const equal = String(Number((100 / arms.length).toFixed(1)));
  const weigh = (arm: string, text: string) => {
    const now = Object.fromEntries(arms.map((one) => [one, choices.weights?.[one] ?? equal]));
    // Of two arms the other one takes what is left.
    const other = arms.length === 2 ? arms.find((one) => one !== arm) : undefined;
    const left = 100 - Number(text.replace(',', '.'));
    form.set({
      weights: {
        ...now,
        [arm]: text,
        ...(other !== undefined && left > 0 && left < 100 ? { [other]: String(Number(left.toFixed(2))) } : {}),
      },
    });
  };
  return (
    <div className="overflow-hidden rounded-md shadow-[inset_0_0_0_1px_var(--line-strong)]">
      <ul aria-label="Arms">
        {arms.map((arm, at) => {
          const version = arm === control ? deployed : versionList.find((one) => one.version_id === arm);
          return (
            <li key={arm} className="flex min-h-11 items-center gap-3 border-b border-line px-3 py-1.5">
              <span className="w-14 shrink-0 text-meta text-ink-3 max-sm:hidden">{arm === control ? 'control' : `arm ${letter(at)}`}</span>
              <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-0.5">
                {version == null ? (
                  <span className="text-ink-3">What is deployed at the start</span>
                ) : (
                  <VersionMark hash={version.content_hash} name={version.version_name} />
                )}
                {arm === control && version != null && <span className="text-meta text-ink-3">deployed now</span>}
                <span className="min-w-0 truncate text-ink-3 max-md:hidden">{version?.version_description}</span>
              </span>
              <label className="flex shrink-0 items-center gap-1.5 text-meta text-ink-3">
                <Input
                  aria-label={`Share of ${arm === control ? 'control' : `arm ${letter(at)}`} in percent`}
                  inputMode="decimal"
                  value={choices.weights?.[arm] ?? equal}
                  onChange={(event) => weigh(arm, event.target.value)}
                  className="num w-16 text-right"
                />
                %
              </label>
              <span className="w-7 shrink-0">
                {arm !== control && (
                  <IconButton icon={X} label="Take this arm out" onClick={() => change(chosen.filter((one) => one !== arm))} />
                )}
              </span>
            </li>
          );
        })}
      </ul>
      <div className="flex flex-wrap items-center gap-1.5 px-2 py-1.5">
        <Menu
          trigger={
            <Button look="quiet" size="sm" icon={Plus} disabled={free.length === 0 || arms.length >= mostArms}>
              Add a version
            </Button>
          }
        >
          <div className="max-h-80 overflow-y-auto">
            {free.map((one) => (
              <MenuItem key={one.version_id} onSelect={() => change([...chosen, one.version_id])}>
                <span className="flex max-w-90 min-w-60 items-center gap-2">
                  <VersionMark hash={one.content_hash} name={one.version_name} />
                  <span className="min-w-0 flex-1 truncate text-ink-3">{one.version_description}</span>
                  <Ago at={one.version_created_at} className="text-meta text-ink-3" />
                </span>
              </MenuItem>
            ))}
          </div>
        </Menu>
        {base !== null && base.type === 'prompt' && (
          <Button look="quiet" size="sm" icon={Cpu} onClick={() => setOtherModel(true)} disabled={arms.length >= mostArms}>
            The same prompt with another model
          </Button>
        )}
        {choices.weights !== undefined && (
          <Button look="quiet" size="sm" onClick={() => form.set({ weights: undefined })} className="ml-auto">
            Equal shares
          </Button>
        )}
      </div>
      {form.weights === null && (
        <p role="alert" className="border-t border-line px-3 py-1.5 text-meta text-worse">
          The shares must add up to 100 %.
        </p>
      )}
      {otherModel && base?.type === 'prompt' && (
        <OtherModelDialog
          prompt={base}
          onClose={() => setOtherModel(false)}
          onMade={(id) => change([...chosen.filter((one) => one !== id), id])}
        />
      )}
    </div>
  );
}

const letter = (at: number): string => String.fromCharCode(97 + at);
