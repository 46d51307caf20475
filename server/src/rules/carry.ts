import type { Scope } from '@whetstone/contract';
import type { Room } from './room.ts';
import { addRule, casesOfRule, findRule, keepCases, listRules } from './store.ts';
import type { CaseRow, RuleRow } from './tables.ts';

/** For an export and for the import of one. */
export interface Carry {
  /** In the order in which they were made. */
  rules(scope: Scope): Promise<CarriedRule[]>;
  /** Of a dataset that is there. One that is on looks from now on. @returns false when it is there already */
  take(scope: Scope, rule: CarriedRule): Promise<boolean>;
}
export type CarriedRule = Omit<RuleRow, 'workspace_id' | 'trouble' | 'began_at' | 'cursor_at' | 'looked_at'> & { cases: CarriedCase[] };
/** Of cases that were there already nothing is carried. */
export type CarriedCase = Omit<CaseRow, 'workspace_id' | 'dataset_id' | 'rule_id'>;

const takenAtOnce = 500;

export function carryOf(room: Room): Carry {
  const { db } = room;
  return {
    async rules({ workspaceId }) {
      const carried: CarriedRule[] = [];
      for (const { workspace_id: _w, trouble: _t, began_at: _b, cursor_at: _c, looked_at: _l, ...row } of await listRules(
        db,
        workspaceId,
        null,
      )) {
        const cases = (await casesOfRule(db, row.id)).filter(({ state }) => state !== 'duplicate');
        carried.push({ ...row, cases: cases.map(({ workspace_id: _w2, dataset_id: _d, rule_id: _r, ...each }) => each) });
      }
      return carried;
    },
    async take({ workspaceId }, { cases, ...rule }) {
      if ((await findRule(db, workspaceId, rule.dataset_id, rule.id)) !== undefined) return false;
      const now = room.clock();
      const row = { ...rule, workspace_id: workspaceId, tags: JSON.stringify(rule.tags), began_at: now, cursor_at: now.getTime() * 1000 };
      const of = { workspace_id: workspaceId, dataset_id: rule.dataset_id };
      const isNew = await addRule(db, row);
      // The id lives elsewhere in this installation.
      const id = isNew ? rule.id : room.newId('rule_');
      if (!isNew) await addRule(db, { ...row, id });
      for (let at = 0; at < cases.length; at += takenAtOnce)
        await keepCases(
          db,
          cases.slice(at, at + takenAtOnce).map((each) => ({ ...each, ...of, rule_id: id, id: isNew ? each.id : room.newId('case_') })),
        );
      return true;
    },
  };
}
