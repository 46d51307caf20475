import type { Scope } from '@whetstone/contract';
import type { Db, SettingsRow } from './store.ts';
import { insertSettings, isOf, readSettings } from './store.ts';

/** For an export and for the import of one. */
export interface Carry {
  settings(scope: Scope, evaluationId: string): Promise<CarriedSettings | null>;
  /** Of an evaluation that is there; what was chosen there stays. */
  takeSettings(scope: Scope, evaluationId: string, settings: CarriedSettings): Promise<void>;
}
export type CarriedSettings = SettingsRow;

export function carryOf(db: Db): Carry {
  return {
    settings: async ({ workspaceId }, evaluationId) =>
      (await isOf(db, workspaceId, evaluationId)) ? readSettings(db, evaluationId) : null,
    async takeSettings({ workspaceId }, evaluationId, settings) {
      if (await isOf(db, workspaceId, evaluationId)) await insertSettings(db, evaluationId, settings);
    },
  };
}
