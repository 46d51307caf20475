import { call } from '../../../api/client.ts';
import { overrideOf } from '../../../parts/evaluation/with-model.ts';
import { type Plan, runsOnServer } from './form.ts';

/** Makes the evaluation, says what decides before there are data, and starts its runs. What was begun is taken back when a step fails. */
export async function start(plan: Plan): Promise<string> {
  const { id } = await call('evaluations.create', {
    body: {
      name: plan.name,
      file: { id: plan.file.id },
      evaluators: plan.evaluators.map((one) => ({ version_id: one.version_id })),
    },
  });
  try {
    if (plan.primary !== null)
      await call('reports.set', {
        params: { id },
        body: { primary_evaluator_version_id: plan.primary.version_id, margin: plan.margin },
      });
    const orchestrated = runsOnServer(plan.file.type);
    // The baseline first: who looks before the control is marked sees the oldest run as the baseline.
    const ordered = plan.versions.toSorted((a, b) => Number(b === plan.baseline) - Number(a === plan.baseline));
    const others = plan.others.map((other) => ({ version: { version_id: other.versionId }, override: overrideOf(other) }));
    const { runs } = await call('evaluations.create_runs', {
      params: { id },
      body: {
        runs: [...ordered.map((version) => ({ version: { version_id: version } })), ...others].map((run) => ({
          ...run,
          dataset: { version_id: plan.dataset.version_id },
          orchestrated,
          ...(orchestrated
            ? {
                repetitions: plan.repetitions,
                cache: plan.cache,
                max_cost_usd: plan.capUsd === null ? null : plan.capUsd / (ordered.length + others.length),
              }
            : {}),
        })),
      },
    });
    const control = runs.find((run) => run.version?.version_id === plan.baseline);
    if (control !== undefined && runs.length > 1)
      await call('evaluations.update_evaluation_run', { params: { id, run_id: control.id }, body: { control: true } });
  } catch (error) {
    await call('evaluations.delete', { params: { id } }).catch(() => undefined);
    throw error;
  }
  return id;
}
