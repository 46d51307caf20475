import type { ExperimentResponse } from '@whetstone/contract';
import type { Experiment } from '../../experiments/index.ts';
import { presentEvent, presentExperiment } from '../present/experiment.ts';
import { presentPerson } from '../present/file.ts';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

export function experimentHandlers({ experiments, people }: Rooms): HandlersOf<'experiments'> {
  const many = async (records: readonly Experiment[]): Promise<ExperimentResponse[]> => {
    const names = await people.users.names([...new Set(records.flatMap(({ row }) => row.created_by ?? []))]);
    return records.map((record) => presentExperiment(record, presentPerson(names, record.row.created_by)));
  };
  const one = async (record: Experiment): Promise<ExperimentResponse> => (await many([record]))[0] as ExperimentResponse;
  return {
    async 'experiments.list'({ scope, query }) {
      return { records: await many(await experiments.list(scope, { fileId: query.file_id, state: query.state })) };
    },
    'experiments.plan': ({ scope, body }) => experiments.plan(scope, body),
    async 'experiments.create'({ scope, body }) {
      return one(await experiments.create(scope, body));
    },
    async 'experiments.get'({ scope, params }) {
      return one(await experiments.get(scope, params.id));
    },
    async 'experiments.update'({ scope, params, body }) {
      return one(await experiments.update(scope, params.id, body));
    },
    async 'experiments.delete'({ scope, params }) {
      await experiments.delete(scope, params.id);
    },
    async 'experiments.start'({ scope, params, body }) {
      return one(await experiments.begin(scope, params.id, { overrideGates: body?.override_gates }));
    },
    async 'experiments.stop'({ scope, params, body }) {
      const { arm_id: armId, reason } = body;
      if (armId == null) return one(await experiments.stop(scope, params.id, reason ?? null));
      return one(await experiments.stopArm(scope, params.id, armId, reason ?? `by ${scope.actor.name}.`));
    },
    async 'experiments.promote'({ scope, params, body }) {
      const { arm_id: armId, hold_out: holdOut, message, override_gates: overrideGates } = body;
      return one(await experiments.promote(scope, params.id, { armId, holdOut, message, overrideGates }));
    },
    async 'experiments.end_hold_out'({ scope, params }) {
      return one(await experiments.endHoldOut(scope, params.id));
    },
    'experiments.result': ({ scope, params }) => experiments.result(scope, params.id),
    'experiments.assignment': ({ scope, params, query }) => experiments.assignment(scope, params.id, query.unit),
    async 'experiments.history'({ scope, params }) {
      const events = await experiments.history(scope, params.id);
      const names = await people.users.names([...new Set(events.flatMap(({ actor }) => actor ?? []))]);
      return { records: events.map((event) => presentEvent(event, presentPerson(names, event.actor))) };
    },
  };
}
