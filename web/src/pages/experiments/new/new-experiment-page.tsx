import type { ExperimentResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { FlaskConical } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Button, buttonClass } from '../../../kit/button.tsx';
import { Field, Input, inputClass } from '../../../kit/field.tsx';
import { Empty, Notice } from '../../../kit/notice.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { useLinks } from '../../../parts/links.ts';
import { useMay } from '../../../parts/session.ts';
import { PageBar } from '../../../parts/shell/page-bar.tsx';
import { useAction } from '../../../parts/use-action.ts';
import { startExperiment, type StartRefusal } from '../start.ts';
import { StartDialog } from '../start-dialog.tsx';
import { ArmsPart } from './arms-part.tsx';
import { AudiencePart } from './audience-part.tsx';
import { GuardsPart } from './guards-part.tsx';
import { MetricPart } from './metric-part.tsx';
import { PlanBeside } from './plan-beside.tsx';
import { type From, type NewExperiment, useNewExperiment } from './use-new-experiment.ts';

const route = getRouteApi('/w/$slug/experiments/new');

/** A new experiment, or a draft to go on with. */
export function NewExperimentPage(): ReactNode {
  const { draft: id, ...from } = route.useSearch();
  const links = useLinks();
  const mayWrite = useMay('write');
  const draft = useQuery({ ...query('experiments.get', { params: { id: id ?? '' } }), enabled: id !== undefined });
  const title = id === undefined ? 'New experiment' : 'Change the draft';
  return (
    <>
      <PageBar title={title} crumbs={[{ label: 'Experiments', link: links.experiments() }, { label: title }]} />
      {draft.error && (
        <Notice kind="error" title="The draft could not be read" className="m-4">
          {draft.error.message}
        </Notice>
      )}
      {!mayWrite ? (
        <Empty title="Your role reads experiments">Ask an editor or an admin of this workspace to draft one.</Empty>
      ) : id !== undefined && draft.isPending ? (
        <SkeletonRows count={10} height={44} />
      ) : (
        !draft.error && <Form from={from} draft={draft.data} />
      )}
    </>
  );
}

function Form({ from, draft }: { from: From; draft: ExperimentResponse | undefined }): ReactNode {
  const form = useNewExperiment(from, draft);
  const links = useLinks();
  if (form.tree.isPending) return <SkeletonRows count={10} height={44} />;
  if (form.tree.error)
    return (
      <Notice kind="error" title="What there is to choose from could not be read" className="m-4">
        {form.tree.error.message}
      </Notice>
    );
  if (form.subjects.length === 0)
    return (
      <Empty
        title="There is nothing to experiment with yet"
        action={
          <Link {...links.files} className={buttonClass({ look: 'primary' })}>
            Make a prompt
          </Link>
        }
      >
        An experiment tries versions of a prompt or an agent on the users of your application.
      </Empty>
    );
  return <Questions form={form} draft={draft} />;
}

function Questions({ form, draft }: { form: NewExperiment; draft: ExperimentResponse | undefined }): ReactNode {
  const links = useLinks();
  const navigate = route.useNavigate();
  const mayDeploy = useMay('deploy');
  const [asking, setAsking] = useState(false);
  // Saved by a start that was refused: what is saved next is the same draft.
  const [savedId, setSavedId] = useState<string | undefined>(draft?.id);
  const [refused, setRefused] = useState<StartRefusal | null>(null);
  const saving = useAction('The experiment was not saved', ['experiments.list', 'experiments.get']);
  const starting = useAction('The experiment was not started', ['experiments.list', 'experiments.get']);
  const { body, problem, choices, set } = form;
  const save = async () => {
    if (body === null) throw new Error(problem ?? 'Something is missing.');
    if (savedId === undefined) return (await call('experiments.create', { body })).id;
    const { file_id: _, ...patch } = body;
    return (await call('experiments.update', { params: { id: savedId }, body: patch })).id;
  };
  const keep = async () => {
    let id = '';
    if (await saving.run(async () => (id = await save()), 'Draft saved')) await navigate(links.experiment(id));
  };
  const start = async (overrideGates: string | undefined) => {
    let id = '';
    let why: StartRefusal | null = null;
    const asked = await starting.run(async () => {
      id = await save();
      setSavedId(id);
      why = await startExperiment(id, overrideGates);
    });
    setRefused(why);
    if (asked && why === null) await navigate(links.experiment(id));
  };
  const blocked = problem ?? (form.deployed === null ? `Nothing is deployed to ${form.environment?.name ?? 'the environment'} yet.` : null);
  return (
    <form
      className="mx-auto grid w-full max-w-300 gap-x-8 px-4 pb-10 md:px-6 lg:grid-cols-[minmax(0,1fr)_320px]"
      onSubmit={(event) => {
        event.preventDefault();
        if (mayDeploy && blocked === null && form.occupied === null) setAsking(true);
        else void keep();
      }}
    >
      <div className="min-w-0">
        <ArmsPart form={form} />
        <MetricPart form={form} />
        <GuardsPart form={form} />
        <AudiencePart form={form} />
        <div className="grid gap-4 pt-6">
          <Field label="Name">
            {(props) => (
              <Input
                {...props}
                value={choices.name ?? ''}
                placeholder={form.usualName}
                maxLength={100}
                onChange={(event) => set({ name: event.target.value })}
              />
            )}
          </Field>
          <Field label="What you expect, and why" hint="Optional. Written before the result it is worth most.">
            {(props) => (
              <textarea
                {...props}
                rows={2}
                value={choices.hypothesis ?? ''}
                maxLength={5000}
                onChange={(event) => set({ hypothesis: event.target.value })}
                className={`${inputClass} py-1.5`}
              />
            )}
          </Field>
        </div>
      </div>
      <div className="pt-6">
        <div className="lg:sticky lg:top-17">
          <PlanBeside form={form} />
        </div>
      </div>
      <div className="sticky bottom-0 -mx-4 mt-6 flex flex-wrap items-center gap-3 border-t border-line bg-page px-4 py-3 md:-mx-6 md:px-6 lg:col-span-2">
        <span className="min-w-0 flex-1 text-meta text-ink-3" role="status">
          {blocked ?? (form.occupied === null ? summaryOf(form) : `${form.occupied.name} runs there now; this one is saved as a draft.`)}
        </span>
        <Button busy={saving.busy} disabled={body === null} onClick={() => void keep()}>
          Save draft
        </Button>
        {mayDeploy && (
          <Button type="submit" look="primary" icon={FlaskConical} disabled={blocked !== null || form.occupied !== null}>
            Start experiment
          </Button>
        )}
      </div>
      {asking && body !== null && (
        <StartDialog
          environment={body.environment ?? ''}
          path={form.file?.path ?? ''}
          traffic={body.traffic ?? 1}
          arms={body.arms.length}
          busy={starting.busy}
          refused={refused}
          onStart={(overrideGates) => void start(overrideGates)}
          onClose={() => {
            setAsking(false);
            setRefused(null);
          }}
        />
      )}
    </form>
  );
}

/** What will happen, in a line. */
function summaryOf(form: NewExperiment): string {
  const { body } = form;
  if (body === null) return '';
  const share = Number(((body.traffic ?? 1) * 100).toFixed(1));
  return `${share === 100 ? 'All users' : `${share} % of users`} of ${form.file?.path ?? ''} in ${body.environment ?? ''}, ${body.arms.length} arms.`;
}
