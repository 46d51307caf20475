import type { LibraryEvaluator } from '@whetstone/contract';
import type { Judges } from './index.ts';
import { code, programOf } from './kinds/code.ts';
import { library } from './kinds/library.ts';
import { model } from './kinds/model.ts';
import { catalogueOf } from './library/catalogue.ts';
import { LibraryThread } from './library/thread.ts';
import { requirementsOf } from './requirements.ts';
import type { JudgesDeps, Kind, Room } from './room.ts';
import { subjectsOf, subjectsOfLogs } from './subjects.ts';

/** A new kind is a row. */
const kinds: readonly Kind[] = [library, code, model];

export function createJudges(deps: JudgesDeps): Judges {
  const room: Room = { ...deps, library: new LibraryThread() };
  let catalogue: LibraryEvaluator[] | null = null;
  return {
    runs: (spec) => kinds.some((kind) => kind.recognises(spec)),
    async judge(scope, judge, subjects, { signal = new AbortController().signal } = {}) {
      const kind = kinds.find((each) => each.recognises(judge.spec));
      const why = 'People, or a process outside, judge with this evaluator: the server cannot run it.';
      if (kind === undefined) return subjects.map(() => ({ outcome: 'not_judged', reason: why, stdout: null, costUsd: null, calls: [] }));
      return kind.judge(room, scope, judge, subjects, signal);
    },
    subjects: (scope, logIds) => subjectsOf(room, scope, logIds),
    subjectsOf: (scope, logs) => subjectsOfLogs(room, scope, logs),
    close: () => room.library.close(),
    requirements: (_scope, spec) => requirementsOf(spec),
    catalogue: () => (catalogue ??= catalogueOf()),
    check: async (scope, spec) => (code.recognises(spec) ? room.sandbox.check(programOf(scope, spec)) : null),
  };
}
