import type { Scope } from '@whetstone/contract';
import type { AnswerFacts, Facts } from '@whetstone/domain';
import type { Room } from './create-reports.ts';
import type { Loaded } from './load.ts';

/** What is known of the cases and of a run's answers, to group cases by. This reads what the cases say, so only slices ask for it. */
export async function factsOf(room: Room, scope: Scope, loaded: Loaded, runId: string | null): Promise<Facts> {
  const { input, columns, rows } = loaded;
  const own = runId === null ? [] : (rows.get(runId) ?? []);
  const [datapoints, lengths] = await Promise.all([
    room.files.datasets.datapointsById(scope, input.cases),
    room.logs.runs.lengths(
      scope,
      own.map((i) => ({ id: columns.ids[i]!, at: new Date(columns.atMs[i]!) })),
    ),
  ]);
  const answers: (AnswerFacts | null)[] = input.cases.map(() => null);
  // The first answer of each case stands for it.
  for (const i of own.toReversed()) {
    const at = loaded.positions.get(columns.datapointIds[i] === '' ? columns.ids[i]! : columns.datapointIds[i]!)!;
    answers[at] = {
      outputLength: lengths.get(columns.ids[i]!) ?? null,
      failed: columns.statuses[i] === 'error',
      finishReason: columns.finishReasons[i] || null,
      model: columns.models[i] || null,
    };
  }
  return { cases: input.cases.map((id) => datapoints.get(id) ?? null), answers };
}
