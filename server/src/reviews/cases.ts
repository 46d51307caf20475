import type { Scope } from '@whetstone/contract';
import { notFound } from '@whetstone/contract';
import { wrong, type Snapshot } from '../files/index.ts';
import { clean, type Room } from './context.ts';
import type { Population } from './index.ts';
import { isPass, scoreOf } from './measured.ts';
import { judgedBy, type Judged, logsTakenBy } from './store-judged.ts';

/** Logs that a judge judged, with what people said of them. */

export interface Case {
  logId: string;
  /** What the judge said last, as a number: good is 1, bad is 0. */
  judge: number;
  human: number | null;
  /** The label was chosen, not drawn: it counts only by its weight. */
  chosen: boolean;
}
export interface Cases {
  judge: Snapshot<'evaluator'>;
  human: Snapshot<'evaluator'>;
  measure: 'pass' | 'score';
  cases: Case[];
  dropped: { count: number; why: string }[];
  /** By version of the judge, every log that it judged. */
  byVersion: Map<string, { firstAt: number; lastAt: number; cases: Case[] }>;
}

/** What was just judged is asked for soon after. */
const settleMs = 2_000;

/** @throws AppError 404; 422 for evaluators that say neither good and bad nor a number */
export async function casesOf(room: Room, scope: Scope, judgeId: string, of: Population): Promise<Cases> {
  const judge = await room.files.get(scope, 'evaluator', { id: judgeId });
  const human = await room.files.get(scope, 'evaluator', { id: of.humanId });
  const [judgeSpec, humanSpec] = [judge.version.kernel.spec, human.version.kernel.spec];
  if (judgeSpec.evaluator_type === 'human')
    throw wrong('id', `\`${judge.file.path}\` is answered by people. Name an evaluator of code or of a model.`);
  if (humanSpec.evaluator_type !== 'human') throw wrong('human_id', `\`${human.file.path}\` is not answered by people.`);
  for (const { file, version } of [judge, human]) {
    if (isPass(version.kernel.spec) || version.kernel.spec.return_type === 'number') continue;
    throw wrong(
      file.id === human.file.id ? 'human_id' : 'id',
      `\`${file.path}\` says neither good and bad nor a number. Give its options a valence: at least one positive, one negative.`,
    );
  }
  const taken = of.runId === null ? [] : await logsTakenBy(room.db, scope.workspaceId, clean(of.runId));
  if (taken === null) throw notFound('Run', of.runId ?? '');
  const environment = of.environment === null ? null : await room.files.environments.byName(scope, of.environment);
  await room.logs.drained(settleMs);
  const judged = await judgedBy(room.storage.logDatabase, scope.workspaceId, [judge.file.id, human.file.id], {
    ...of,
    environmentId: environment?.id ?? null,
    taken,
  });
  return { judge, human, measure: isPass(judgeSpec) && isPass(humanSpec) ? 'pass' : 'score', ...joined(judged, judge, human) };
}

function joined(
  all: readonly Judged[],
  judge: Snapshot<'evaluator'>,
  human: Snapshot<'evaluator'>,
): Pick<Cases, 'cases' | 'dropped' | 'byVersion'> {
  const [judgeSpec, humanSpec] = [judge.version.kernel.spec, human.version.kernel.spec];
  const ofJudge = all.filter(({ evaluatorId }) => evaluatorId === judge.file.id);
  const last = new Map(ofJudge.map((one) => [one.logId, one]));
  const byLog = Map.groupBy(
    all.filter(({ evaluatorId }) => evaluatorId === human.file.id),
    ({ logId }) => logId,
  );
  const labels = new Map([...byLog].map(([logId, some]) => [logId, labelOf(some, (value) => scoreOf(humanSpec, value))]));
  const caseOf = (one: Judged): Case[] => {
    const said = scoreOf(judgeSpec, one.value);
    const label = labels.get(one.logId);
    return said === null ? [] : [{ logId: one.logId, judge: said, human: label?.value ?? null, chosen: label?.chosen ?? false }];
  };
  const byVersion = new Map(
    [...Map.groupBy(ofJudge, ({ versionId }) => versionId)].map(([versionId, some]) => {
      const latest = [...new Map(some.map((one) => [one.logId, one])).values()];
      return [versionId, { firstAt: some[0]?.at ?? 0, lastAt: some.at(-1)?.at ?? 0, cases: latest.flatMap(caseOf) }];
    }),
  );
  const cases = [...last.values()].flatMap(caseOf);
  const judgedLabels = [...last.keys()].flatMap((logId) => labels.get(logId) ?? []);
  const dropped = [
    { count: last.size - cases.length, why: 'the judge failed, abstained or answered neither good nor bad' },
    { count: judgedLabels.filter(({ divided }) => divided).length, why: 'people are divided, and nobody has settled it' },
    { count: judgedLabels.filter(({ onlyUsers }) => onlyUsers).length, why: 'votes of end users, who choose what they vote on' },
    {
      count: cases.filter(({ human: label, chosen }) => label !== null && chosen).length,
      why: 'labels of chosen logs, which count by weight in their own queue',
    },
  ].filter(({ count }) => count > 0);
  return { cases, dropped, byVersion };
}

export interface Label {
  value: number | null;
  divided: boolean;
  onlyUsers: boolean;
  chosen: boolean;
}

/** The final word where there is one, else what most people said, of scores the mean. */
function labelOf(judgments: readonly Judged[], score: (value: Judged['value']) => number | null): Label {
  const people = judgments.filter(({ source }) => source === 'human');
  const none = { value: null, divided: false, onlyUsers: people.length === 0, chosen: false };
  const chosen = people.some(({ probability }) => probability !== null);
  const last = [...new Map(people.map((one) => [one.judge, one])).values()];
  const settled = people.findLast(({ final }) => final);
  const values = (settled === undefined ? last : [settled]).flatMap(({ value }) => score(value) ?? []);
  if (values.length === 0) return none;
  return { ...none, ...joint(values), chosen };
}

/** Of several people: of yes and no what most said, and none on a tie; of scores the mean. */
export function joint(values: readonly number[]): { value: number | null; divided: boolean } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (!values.every((value) => value === 0 || value === 1)) return { value: mean, divided: false };
  return mean === 0.5 ? { value: null, divided: true } : { value: mean > 0.5 ? 1 : 0, divided: false };
}
