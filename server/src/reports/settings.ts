import { AppError } from '@whetstone/contract';
import type { HardRule } from '@whetstone/contract';
import { isScored, prepareReport, scaleOf } from '@whetstone/domain';
import { wrong } from '../files/index.ts';
import type { Room } from './create-reports.ts';
import type { Reports, SettingsChange } from './index.ts';
import { load, type Loaded } from './load.ts';
import { type SettingsRow, writeSettings } from './store.ts';

/** What decides is chosen here; whether that was before the data follows from when. */
export const changeSettings =
  (room: Room): Reports['settings'] =>
  async (scope, evaluationId, change) => {
    const loaded = await load(room, scope, evaluationId);
    const { evaluation, settings: before } = loaded.whole;
    check(loaded, change);
    const primary = change.primary === undefined ? (before?.primary ?? null) : change.primary;
    const margin = change.margin === undefined ? (before?.margin ?? null) : change.margin;
    const hardRules = change.hardRules === undefined ? (before?.hardRules ?? []) : (change.hardRules ?? []).map(ruleOf);
    // Saying the same again chooses nothing new; nor does a rule, which compares with nothing.
    const chosen = primary !== (before?.primary ?? null) || margin !== (before?.margin ?? null);
    const kept = before !== null && !chosen;
    const now: SettingsRow = { primary, margin, hardRules, at: kept ? before.at : room.clock(), by: kept ? before.by : scope.actor.id };
    if (!chosen && before === null && hardRules.length === 0) return prepareReport(loaded.input).settings;
    // Rules alone, where nobody chose what decides: the default stood from the start.
    if (!chosen && before === null) now.at = new Date(0);
    await writeSettings(room.db, evaluation.id, now);
    return prepareReport((await load(room, scope, evaluationId)).input).settings;
  };

function ruleOf({ evaluator_version_id, at_least, at_most }: NonNullable<SettingsChange['hardRules']>[number]): HardRule {
  return { evaluator_version_id, at_least: at_least ?? null, at_most: at_most ?? null };
}

/** @throws AppError 404 for an evaluator that the evaluation has not, 422 for what could decide nothing */
function check({ input }: Loaded, { primary, margin, hardRules }: SettingsChange): void {
  const find = (id: string) => {
    const judge = input.evaluators.find(({ versionId }) => versionId === id);
    if (judge === undefined) throw new AppError('not_found', `The evaluation has no evaluator version \`${id}\`. Add it first.`);
    return { path: judge.path, scale: scaleOf(judge.spec) };
  };
  if (primary != null) {
    const { path, scale } = find(primary);
    if (!isScored(scale)) throw wrong('primary_evaluator_version_id', `\`${path}\` gives no score: ${scale.scoredBy ?? ''}`);
    const span = scale.range === null ? null : scale.range[1] - scale.range[0];
    if (margin != null && span !== null && margin > span)
      throw wrong('margin', `A margin of ${margin} is more than \`${path}\` can differ by, which is ${span}. Pass rates are from 0 to 1.`);
  }
  for (const [i, rule] of (hardRules ?? []).entries()) {
    const { path, scale } = find(rule.evaluator_version_id);
    if (!isScored(scale)) throw wrong('hard_rules', `Rule ${i + 1}: \`${path}\` gives no score. ${scale.scoredBy ?? ''}`);
    const bounds = [rule.at_least, rule.at_most].filter((bound) => bound != null);
    if (bounds.length === 0) throw wrong('hard_rules', `Rule ${i + 1} bounds nothing: give \`at_least\` or \`at_most\`.`);
    if (bounds.length === 2 && bounds[0]! > bounds[1]!)
      throw wrong('hard_rules', `Rule ${i + 1} can never be kept: \`at_least\` is above \`at_most\`.`);
    const { range } = scale;
    if (range !== null && bounds.some((bound) => bound < range[0] || bound > range[1]))
      throw wrong('hard_rules', `Rule ${i + 1}: scores of \`${path}\` lie between ${range[0]} and ${range[1]}.`);
  }
}
