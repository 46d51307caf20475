import { useQuery } from '@tanstack/react-query';
import { ArrowRight, Lock } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';
import { Button } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Notice } from '../../kit/notice.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { Select } from '../../kit/select.tsx';
import { toast } from '../../kit/toast.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { ExperimentRuns, useExperimentHere } from '../experiment/experiment-here.tsx';
import { GateState, useGates } from './gate-state.tsx';
import { KernelDiff } from '../diff/kernel-diff.tsx';
import { contentOf } from '../diff/content-of.ts';
import { changedBy, environmentsQuery, pluralOf, type VersionedKind, versionsQuery } from '../file-query.ts';
import { useMay } from '../session.ts';
import { useAction } from '../use-action.ts';
import { shortHash, VersionMark } from '../version.tsx';

export interface DeployDialogProps {
  kind: VersionedKind;
  fileId: string;
  versionId?: string;
  environmentId?: string;
  onClose: () => void;
}

/** Puts a version into an environment, having shown what changes there. */
export function DeployDialog({ kind, fileId, versionId, environmentId, onClose }: DeployDialogProps): ReactNode {
  const admin = useMay('admin');
  const versions = useQuery(versionsQuery(kind, fileId));
  const environments = useQuery(environmentsQuery(kind, fileId));
  const [chosenVersion, setVersion] = useState(versionId ?? null);
  const [chosenEnvironment, setEnvironment] = useState(environmentId ?? null);
  const [message, setMessage] = useState('');
  const [meanwhile, setMeanwhile] = useState(false);
  const [nevertheless, setNevertheless] = useState('');
  const [refused, setRefused] = useState<string | null>(null);
  const { busy, run } = useAction('The version was not deployed', [...changedBy(kind), 'experiments.list', 'experiments.get']);
  const meant = environments.data?.find((one) => one.id === chosenEnvironment) ?? defaultOf(environments.data);
  const meantVersion = chosenVersion ?? versions.data?.[0]?.version_id;
  const experiment = useExperimentHere(kind, fileId, meant?.id);
  const gates = useGates(meant?.id, meantVersion, meant?.file?.version_id !== meantVersion);
  if (!versions.data || !environments.data) {
    return (
      <Dialog open onClose={onClose} title="Deploy" width="max-w-3xl">
        <SkeletonRows count={3} />
      </Dialog>
    );
  }
  const version = versions.data.find((one) => one.version_id === chosenVersion) ?? versions.data[0];
  const environment = meant;
  const current = environment?.file ?? null;
  const currentVersion = current && versions.data.find((one) => one.version_id === current.version_id);
  const same = current !== null && current.version_id === version?.version_id;
  const forbidden = environment?.protected === true && !admin;
  const deploy = async () => {
    if (version === undefined || environment === undefined) return;
    let deployed = false;
    await run(async () => {
      if (experiment !== null)
        await call('experiments.stop', {
          params: { id: experiment.id },
          body: { reason: `Stopped to deploy ${version.version_name ?? shortHash(version.content_hash)}.` },
        });
      try {
        await call(`${pluralOf(kind)}.set_deployment`, {
          params: { id: fileId, environment_id: environment.id },
          query: {
            version_id: version.version_id,
            message: (gates.refused ? nevertheless : message).trim() || undefined,
            override_gates: gates.refused && nevertheless.trim() !== '' ? nevertheless.trim() : undefined,
            expected_version_id: current?.version_id ?? '',
          },
        });
        deployed = true;
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 409) throw error;
        // Gates and an experiment of meanwhile say in the form what they demand.
        const told = 'gates' in error.data || 'experiment_id' in error.data;
        if (told) setRefused(error.message);
        else setMeanwhile(true);
        await Promise.all([environments.refetch(), gates.again()]);
      }
    });
    if (!deployed) return;
    toast(`Deployed to ${environment.name}`);
    onClose();
  };
  return (
    <Dialog open onClose={onClose} title="Deploy" width="max-w-3xl">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void deploy();
        }}
      >
        <div className="flex flex-wrap items-end gap-4">
          <Field label="Version" className="min-w-60 flex-1">
            {({ id }) => (
              <Select
                id={id}
                value={version?.version_id ?? null}
                onChange={setVersion}
                options={versions.data.map((one) => ({
                  value: one.version_id,
                  label: (
                    <span className="inline-flex items-center gap-2">
                      <VersionMark hash={one.content_hash} name={one.version_name} />
                      <span className="text-ink-3">{one.version_description}</span>
                    </span>
                  ),
                }))}
              />
            )}
          </Field>
          <Field label="Environment">
            {() => (
              <Segmented
                label="Environment"
                value={environment?.id ?? ''}
                onChange={setEnvironment}
                options={environments.data.map((one) => ({ value: one.id, label: one.name }))}
                className="h-8"
              />
            )}
          </Field>
        </div>
        {meanwhile && (
          <Notice kind="warning" title="Someone deployed there meanwhile">
            {environment?.name} runs{' '}
            {current === null ? (
              'nothing'
            ) : (
              <VersionMark hash={current.content_hash} name={current.version_name} className="mx-1 align-bottom text-ink" />
            )}{' '}
            now. What would change is below; deploy again if you still want to.
          </Notice>
        )}
        <div className="flex flex-wrap items-center gap-2 rounded-md bg-sunken px-3 py-2">
          <span className="text-ink-3">{environment?.name}</span>
          {current === null ? <span>nothing yet</span> : <VersionMark hash={current.content_hash} name={current.version_name} />}
          <ArrowRight size={14} strokeWidth={1.5} className="text-ink-3" aria-hidden />
          {version && <VersionMark hash={version.content_hash} name={version.version_name} />}
          {environment?.protected === true && (
            <span className="ml-auto inline-flex items-center gap-1 text-meta text-ink-3">
              <Lock size={12} aria-hidden /> protected: admins only
            </span>
          )}
        </div>
        {currentVersion && version && !same && (
          <details open className="group">
            <summary className="mb-2 text-meta text-ink-3">What changes in {environment?.name}</summary>
            <KernelDiff before={contentOf(currentVersion)} after={contentOf(version)} />
          </details>
        )}
        {refused !== null && !gates.refused && experiment === null && (
          <Notice kind="error" title="It was not deployed">
            {refused}
          </Notice>
        )}
        {experiment && !same && <ExperimentRuns experiment={experiment} />}
        {environment && (
          <GateState
            checks={gates.checks}
            waiting={gates.waiting}
            environment={environment.name}
            reason={nevertheless}
            onReason={admin ? setNevertheless : null}
          />
        )}
        {!gates.refused && (
          <Field label="Why" hint="One line for those who read the history. Optional.">
            {(props) => (
              <Input
                {...props}
                value={message}
                onChange={(event) => setMessage(event.target.value)}
                maxLength={300}
                placeholder="Fewer made-up refunds"
              />
            )}
          </Field>
        )}
        <DialogActions className="mt-0">
          {forbidden && <span className="mr-auto text-meta text-undecided">Only an admin deploys to {environment?.name}.</span>}
          {same && <span className="mr-auto text-meta text-ink-3">This version is there already.</span>}
          <Button
            type="submit"
            look="primary"
            busy={busy}
            disabled={
              same || forbidden || version === undefined || environment === undefined || (gates.refused && nevertheless.trim() === '')
            }
          >
            {experiment && !same
              ? 'Stop the experiment and deploy'
              : `Deploy ${version ? (version.version_name ?? shortHash(version.content_hash)) : ''} to ${environment?.name ?? ''}`}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function defaultOf<E extends { tag: string }>(environments: readonly E[] | undefined): E | undefined {
  return environments?.find((one) => one.tag === 'default') ?? environments?.[0];
}
