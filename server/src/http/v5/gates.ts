import type { GateResponse } from '@whetstone/contract';
import type { Gate, KeptResult } from '../../gates/index.ts';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

/** What environments demand, and results that branches keep. */
export function gateHandlers({ gates }: Pick<Rooms, 'gates'>): HandlersOf<'gates' | 'results'> {
  return {
    async 'gates.list'({ scope, params }) {
      return { gates: (await gates.list(scope, params.id)).map(presentGate) };
    },
    async 'gates.set'({ scope, params, body }) {
      const given = body.gates.map((gate) => ({
        evaluation: gate.evaluation,
        fileId: gate.file_id ?? null,
        noRegression: gate.no_regression,
        hardRules: gate.hard_rules,
        maxAgeDays: gate.max_age_days ?? null,
      }));
      return { gates: (await gates.set(scope, params.id, given)).map(presentGate) };
    },
    async 'gates.check'({ scope, params, query }) {
      const { outcome, rollBack, checks } = await gates.check(scope, params.id, query.version_id);
      return { outcome, roll_back: rollBack, checks };
    },
    async 'results.keep'({ scope, params, body }) {
      const { branch, commit, url } = body;
      return presentResult(await gates.results.keep(scope, params.id, params.run_id, { branch, commit: commit ?? null, url: url ?? null }));
    },
    async 'results.list'({ scope, params, query }) {
      return { results: (await gates.results.list(scope, params.id, query.branch ?? null)).map(presentResult) };
    },
  };
}

function presentGate(gate: Gate): GateResponse {
  return {
    id: gate.id,
    evaluation: gate.evaluation,
    evaluation_name: gate.evaluationName,
    file_id: gate.fileId,
    no_regression: gate.noRegression,
    hard_rules: gate.hardRules,
    max_age_days: gate.maxAgeDays,
  };
}

function presentResult({ evaluationId, runId, branch, commit, url, at }: KeptResult) {
  return { evaluation_id: evaluationId, run_id: runId, branch, commit, url, created_at: at.toISOString() };
}
