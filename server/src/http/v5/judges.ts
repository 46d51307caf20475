import { type Body, type Endpoints, notFound, type Scope, type TriedJudgment } from '@whetstone/contract';
import { isPairwise } from '@whetstone/domain';
import { versionOf, wrong } from '../../files/index.ts';
import type { Judge, Judged, Subject } from '../../judges/index.ts';
import type { Handlers } from './call.ts';
import type { Rooms } from './handlers.ts';

/** Evaluators while they are being written. */
export function judgeHandlers({
  files,
  judges,
}: Rooms): Handlers<'evaluators.try' | 'evaluators.check' | 'evaluators.library' | 'evaluators.subject'> {
  const judgeOf = async (scope: Scope, given: Body<Endpoints['evaluators.try']>['evaluator']): Promise<Judge> => {
    if (given.spec !== undefined) return { path: given.path ?? 'unsaved', spec: given.spec };
    const ref = { versionId: given.version_id, id: given.id, path: given.path, environment: given.environment };
    const { file, version } = await versionOf(files, scope, 'evaluator', ref, 'evaluator');
    return { path: file.path, spec: version.kernel.spec };
  };
  const pairsTried = async (scope: Scope, judge: Judge, body: Body<Endpoints['evaluators.try']>, signal: AbortSignal) => {
    if (body.other_log_ids == null)
      throw wrong('other_log_ids', 'This judge compares two answers: name by `other_log_ids` what each log is compared with.');
    const [subjects, others] = await Promise.all([judges.subjects(scope, body.log_ids), judges.subjects(scope, body.other_log_ids)]);
    const pairs = subjects.map((subject, index) => ({ subject, other: others[index] as Subject }));
    const judged = await judges.compare(scope, judge, pairs, { signal });
    return judged.map((each, index) => present(each, subjects[index] as Subject));
  };
  return {
    async 'evaluators.try'({ scope, body, signal }) {
      const judge = await judgeOf(scope, body.evaluator);
      if (isPairwise(judge.spec)) return { judgments: await pairsTried(scope, judge, body, signal) };
      const subjects = await judges.subjects(scope, [...new Set(body.log_ids)]);
      const judged = await judges.judge(scope, judge, subjects, { signal });
      return { judgments: judged.map((each, index) => present(each, subjects[index] as Subject)) };
    },
    async 'evaluators.check'({ scope, body }) {
      const [found, required] = await Promise.all([judges.check(scope, body.spec), judges.requirements(scope, body.spec)]);
      const nothing = { checked: true, message: null, problems: [], entry: null, parameters: [], missing: [], ...required };
      if (found === null) return nothing;
      if (found.outcome === 'unavailable') return { ...nothing, checked: false, message: found.message };
      const { problems, entry, parameters, missing } = found;
      return { ...nothing, problems, entry, parameters, missing };
    },
    async 'evaluators.subject'({ scope, query }) {
      const [subject] = await judges.subjects(scope, [query.log_id]);
      if (subject === undefined) throw notFound('Log', query.log_id);
      return { log_id: subject.logId, log: subject.log, testcase: subject.testcase };
    },
    async 'evaluators.library'() {
      return { records: judges.catalogue() };
    },
  };
}

function present(judged: Judged, { logId, datapointId }: Subject): TriedJudgment {
  const { outcome, stdout, costUsd, calls } = judged;
  return {
    log_id: logId,
    datapoint_id: datapointId,
    outcome,
    judgment: outcome === 'judged' ? judged.value : null,
    reason: outcome === 'failed' ? null : judged.reason,
    error: outcome === 'failed' ? judged.error : null,
    stdout,
    cost_usd: costUsd,
    calls,
    ...(judged.pair === undefined ? {} : { pair: judged.pair }),
  };
}
