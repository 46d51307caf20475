import { getRouteApi, Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../../kit/button.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { formatCount } from '../../../kit/format.ts';
import { Empty, Notice } from '../../../kit/notice.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { buttonClass } from '../../../kit/button.tsx';
import { isChosen } from '../../../parts/evaluation/with-model.ts';
import { useLinks } from '../../../parts/links.ts';
import { useMay } from '../../../parts/session.ts';
import { PageBar } from '../../../parts/shell/page-bar.tsx';
import { useAction } from '../../../parts/use-action.ts';
import { CasesPart } from './cases-part.tsx';
import { CostPart } from './cost-part.tsx';
import { JudgesPart } from './judges-part.tsx';
import { start } from './start.ts';
import { SubjectPart } from './subject-part.tsx';
import { type NewEvaluation, useNewEvaluation } from './use-new-evaluation.ts';

const route = getRouteApi('/w/$slug/evaluations/new');

/** What to run, on which cases, judged by whom, and what it may cost. */
export function NewEvaluationPage(): ReactNode {
  const form = useNewEvaluation(route.useSearch());
  const links = useLinks();
  const navigate = route.useNavigate();
  const mayWrite = useMay('write');
  const { busy, run } = useAction('The evaluation was not started', ['evaluations.list']);
  const submit = async () => {
    const { plan } = form;
    if (plan === null) return;
    let id = '';
    if (await run(async () => (id = await start(plan)))) await navigate(links.evaluation(id));
  };
  return (
    <>
      <PageBar title="New evaluation" crumbs={[{ label: 'Evaluations', link: links.evaluations() }, { label: 'New evaluation' }]} />
      {form.pending && <SkeletonRows count={10} height={44} />}
      {form.error && (
        <Notice kind="error" title="What there is to choose from could not be read" className="m-4">
          {form.error.message}
        </Notice>
      )}
      {!form.pending && !mayWrite && (
        <Empty title="Your role reads evaluations">
          Ask an editor or an admin of this workspace to start one, or for the role of an editor.
        </Empty>
      )}
      {!form.pending && mayWrite && form.subjects.length === 0 && (
        <Empty
          title="There is nothing to evaluate yet"
          action={
            <Link {...links.files} className={buttonClass({ look: 'primary' })}>
              Make a prompt
            </Link>
          }
        >
          An evaluation runs versions of a prompt, an agent, a tool or a flow.
        </Empty>
      )}
      {!form.pending && mayWrite && form.subjects.length > 0 && (
        <form
          className="mx-auto flex w-full max-w-180 flex-col px-4 pb-10 md:px-6"
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <SubjectPart form={form} />
          <CasesPart form={form} />
          <JudgesPart form={form} />
          <CostPart form={form} />
          <Field label="Name" className="pt-6" hint="By which colleagues find it. Unique for the file.">
            {(props) => <Input {...props} value={form.name} maxLength={200} onChange={(event) => form.set({ name: event.target.value })} />}
          </Field>
          <div className="sticky bottom-0 -mx-4 mt-6 flex flex-wrap items-center gap-3 border-t border-line bg-page px-4 py-3 md:-mx-6 md:px-6">
            <span className="min-w-0 flex-1 text-meta text-ink-3">{summaryOf(form)}</span>
            <Button type="submit" look="primary" icon={Play} busy={busy} disabled={form.plan === null}>
              {form.file !== null && form.file.type === 'flow' ? 'Wait for logs' : 'Run evaluation'}
            </Button>
          </div>
        </form>
      )}
    </>
  );
}

/** What will happen, or what is still missing. */
function summaryOf(form: NewEvaluation): string {
  if (form.file === null) return 'Choose a file.';
  if (form.chosen.length + form.others.length === 0) return 'Choose at least one version.';
  if (form.dataset === null) return form.datasets.length === 0 ? 'There is no dataset yet.' : 'Choose a dataset.';
  if (form.dataset.datapoints_count === 0) return 'This version of the dataset has no cases.';
  if (form.chosenJudges.length === 0) return 'Choose at least one evaluator.';
  if (!form.others.every(isChosen)) return 'Choose the other model, or leave it out.';
  if (form.plan === null) return 'Something above needs another value.';
  const { dataset, repetitions } = form.plan;
  const versions = form.plan.versions.length + form.plan.others.length;
  const times = repetitions === 1 ? '' : ` × ${repetitions} repetitions`;
  const calls = versions * dataset.datapoints_count * repetitions;
  return `${versions === 1 ? '1 version' : `${versions} versions`} × ${formatCount(dataset.datapoints_count)} cases${times}: ${formatCount(calls)} answers`;
}
