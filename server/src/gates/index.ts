import type { GateCheck, GateReason, Scope } from '@whetstone/contract';
import type { Evaluations } from '../evaluations/index.ts';
import type { FileGuard, Files } from '../files/index.ts';
import type { People } from '../people/index.ts';
import type { Reports } from '../reports/index.ts';
import type { Storage } from '../storage/index.ts';
import type { Carry } from './carry.ts';

export type { CarriedGate, CarriedResult } from './carry.ts';
export { createGates } from './create-gates.ts';

/** Environments that demand of a version that evaluations pass before it is deployed there; and results that branches keep. */
export interface Gates {
  list(scope: Scope, environmentId: string): Promise<Gate[]>;
  /** Replaces what the environment demanded. */
  set(scope: Scope, environmentId: string, gates: readonly NewGate[]): Promise<Gate[]>;
  check(scope: Scope, environmentId: string, versionId: string): Promise<Checked>;
  results: {
    keep(scope: Scope, evaluationId: string, runId: string, kept: NewResult): Promise<KeptResult>;
    /** Newest first. */
    list(scope: Scope, evaluationId: string, branch: string | null): Promise<KeptResult[]>;
  };
  /** What the room keeps, for an export and for the import of one. */
  carry: Carry;
  /** Refuses a deployment that a gate refuses, whoever asks for it. */
  readonly guard: FileGuard;
  deleteWorkspace(workspaceId: string): Promise<void>;
}

export interface GatesDeps {
  storage: Pick<Storage, 'database'>;
  files: Pick<Files, 'environments' | 'versionsById' | 'deployed' | 'deployments' | 'get'>;
  evaluations: Pick<Evaluations, 'get' | 'runs'>;
  reports: Pick<Reports, 'report'>;
  audit: People['audit'];
  /** An evaluation's page. */
  pageOf(scope: Scope, evaluationId: string): Promise<string | null>;
  clock: () => Date;
  randomBytes: (length: number) => Uint8Array;
}

export interface NewGate {
  evaluation: string;
  fileId: string | null;
  noRegression: boolean;
  hardRules: boolean;
  maxAgeDays: number | null;
}
export interface Gate extends NewGate {
  id: string;
  evaluationName: string | null;
}
export interface Checked {
  outcome: 'passed' | 'refused';
  rollBack: boolean;
  checks: GateCheck[];
}
export type { GateCheck, GateReason };

export interface NewResult {
  branch: string;
  commit: string | null;
  url: string | null;
}
export interface KeptResult extends NewResult {
  evaluationId: string;
  runId: string;
  at: Date;
}
