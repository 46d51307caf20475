import type { LibraryEvaluator } from '@whetstone/contract';
import { isPairwise } from '@whetstone/domain';
import type { Judged, Judges } from './index.ts';
import { code, programOf } from './kinds/code.ts';
import { library } from './kinds/library.ts';
import { model } from './kinds/model.ts';
import { comparePairs } from './kinds/pair.ts';
import { catalogueOf } from './library/catalogue.ts';
import { LibraryThread } from './library/thread.ts';
import { requirementsOf } from './requirements.ts';
import type { JudgesDeps, Kind, Room } from './room.ts';
import { subjectsOf, subjectsOfLogs } from './subjects.ts';

/** A new kind is a row. */
const kinds: readonly Kind[] = [library, code, model];

const byOthers = 'People, or a process outside, judge with this evaluator: the server cannot run it.';
const alone = 'This judge compares two answers to the same case: it runs in evaluations, on each run against the baseline.';

function unjudged(reason: string): Judged {
  return { outcome: 'not_judged', reason, stdout: null, costUsd: null, calls: [] };
}

export function createJudges(deps: JudgesDeps): Judges {
  const room: Room = { ...deps, library: new LibraryThread() };
  let catalogue: LibraryEvaluator[] | null = null;
  return {
    runs: (spec) => kinds.some((kind) => kind.recognises(spec)),
    async judge(scope, judge, subjects, { signal = new AbortController().signal } = {}) {
      if (isPairwise(judge.spec)) return subjects.map(() => unjudged(alone));
      const kind = kinds.find((each) => each.recognises(judge.spec));
      if (kind === undefined) return subjects.map(() => unjudged(byOthers));
      return kind.judge(room, scope, judge, subjects, signal);
    },
    compare: (scope, judge, pairs, { signal = new AbortController().signal } = {}) => comparePairs(room, scope, judge, pairs, signal),
    subjects: (scope, logIds) => subjectsOf(room, scope, logIds),
    subjectsOf: (scope, logs) => subjectsOfLogs(room, scope, logs),
    close: () => room.library.close(),
    requirements: (_scope, spec) => requirementsOf(spec),
    catalogue: () => (catalogue ??= catalogueOf()),
    check: async (scope, spec) => (code.recognises(spec) ? room.sandbox.check(programOf(scope, spec)) : null),
  };
}
