import type { ExperimentResult, Scope } from '@whetstone/contract';
import type { Room } from '../context.ts';
import { tell } from '../context.ts';
import { stopArm } from '../epochs.ts';
import { changeExperiment, findExperiment } from '../store.ts';
import type { ExperimentRow } from '../tables.ts';
import { frozenKey, sum } from './outcome.ts';
import { type AnalysisState, freshResult, type KeptLook, keptCounts } from './result.ts';
import { addLook, analysisOf, keepAnalysis } from './store.ts';
import { watch } from './watched.ts';

/** A look is kept when so many more units are in it, as a share, so that a long experiment has some hundred. */
const moreForLook = 1.03;
const firstLook = 100;

/** After outcomes were settled: guards are held to them, the answer is put into words, and what it was now is kept. */
export async function look(
  room: Room,
  scope: Scope,
  row: ExperimentRow,
  { settledUntil, final }: { settledUntil: Date; final: boolean },
): Promise<void> {
  const known = await analysisOf(room.db, row.id);
  const state = { ...(known?.state as AnalysisState | undefined) };
  const { result, counts } = await freshResult(room, scope, row, state);
  const breached = row.state === 'running' ? breachesOf(row, result) : [];
  state.counts = keptCounts(counts);
  state.guards = keptBreaches(state.guards, result);
  await keepLook(room, row, state, result);
  await freeze(room, scope, row, state, result);
  if (final) state.final = true;
  if (result.sample_ratio.alarm && state.alarmed !== true) {
    state.alarmed = true;
    await room.write(scope.workspaceId, (tx) =>
      tell(room, tx, scope, row, {
        type: 'alarm',
        text: result.sample_ratio.words,
        data: { sample_ratio: result.sample_ratio.arms },
        at: room.clock(),
      }),
    );
  }
  // First the traffic, then the books: a crash in between finds the arm stopped.
  for (const { armId, words } of breached) await stopArm(room)(scope, row.id, armId, words, 'guard_stopped');
  await keepAnalysis(room.db, row, { settledUntil, lookedAt: room.clock(), state: { ...state } });
  const now = await findExperiment(room.db, scope.workspaceId, row.id);
  if (now !== undefined && now.words !== result.verdict.words) await changeExperiment(room.db, row.id, { words: result.verdict.words });
}

function breachesOf(row: ExperimentRow, { guards }: ExperimentResult): { armId: string; words: string }[] {
  const found = new Map<string, string>();
  for (const { arms } of guards) {
    for (const { arm_id, state, words } of arms) {
      const arm = row.arms.find(({ id }) => id === arm_id);
      if (state === 'breached' && arm?.stoppedAt === null && !found.has(arm_id)) found.set(arm_id, words);
    }
  }
  return [...found].map(([armId, words]) => ({ armId, words }));
}

/** What a guard said when it stopped an arm stands, though some outcomes of before came after. */
function keptBreaches(before: AnalysisState['guards'], { guards }: ExperimentResult): NonNullable<AnalysisState['guards']> {
  return guards.map(({ arms }, index) =>
    arms.map((arm) => before?.[index]?.find(({ arm_id, state }) => arm_id === arm.arm_id && state === 'breached') ?? arm),
  );
}

async function keepLook(room: Room, row: ExperimentRow, state: AnalysisState, { primary }: ExperimentResult): Promise<void> {
  const units = sum(primary.arms.map(({ measured }) => measured));
  const last = state.lookUnits ?? 0;
  if (row.mode === 'fixed' || units < firstLook || units < Math.max(last + 1, last * moreForLook)) return;
  const arms = primary.comparisons.map(({ arm_id, difference: { estimate, lower, upper } }) => ({ arm_id, estimate, lower, upper }));
  await addLook(room.db, row.id, room.clock(), { units, arms } satisfies KeptLook);
  state.lookUnits = units;
}

/** A fixed plan answers once. */
async function freeze(room: Room, scope: Scope, row: ExperimentRow, state: AnalysisState, result: ExperimentResult): Promise<void> {
  if (row.mode !== 'fixed') return;
  const watched = await watch(room, scope, row);
  const outcomes = [
    { metric: watched.primary, outcome: result.primary },
    ...watched.secondary.map((metric, index) => ({ metric, outcome: result.secondary[index]! })),
  ];
  for (const { metric, outcome } of outcomes) {
    const key = frozenKey(metric);
    const shown = outcome.comparisons.every(({ difference: { reason } }) => reason !== 'not_yet' && reason !== 'no_data');
    if (shown && state.frozen?.[key] === undefined) state.frozen = { ...state.frozen, [key]: outcome.comparisons };
  }
}
