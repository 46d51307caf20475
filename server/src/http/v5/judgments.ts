import { AppError, type EvaluatorSpec, type JudgmentValue, notFound, roleMay, type Scope } from '@whetstone/contract';
import { judgmentMismatch } from '@whetstone/domain';
import { isCorrection } from '../../feedback/index.ts';
import type { JudgmentSource } from '../../logs/index.ts';
import type { Handlers } from './call.ts';
import { spendOfKey } from './feedback.ts';
import type { Rooms } from './handlers.ts';
import { logTarget } from './log-target.ts';

/** Judgments by people, users and outside processes. */
export function judgmentHandlers(rooms: Rooms): Handlers<'evaluators.log'> {
  return {
    async 'evaluators.log'({ scope, body, query, request }) {
      spendOfKey(rooms, scope, request, [body.user ?? '']);
      // A publishable key may judge, but not make evaluators.
      const mayCreate = roleMay(scope.actor.role, 'log') || roleMay(scope.actor.role, 'write');
      const target = await logTarget(rooms, scope, 'evaluator', {
        path: body.path,
        id: body.id,
        versionId: query.version_id,
        environment: query.environment,
        kernel: body.spec != null && mayCreate ? { spec: body.spec } : null,
        emptyKernel: null,
      });
      const { spec } = target.snapshot.version.kernel as { spec: EvaluatorSpec };
      const value = body.judgment ?? null;
      if (value !== null) requireFits(spec, value);
      const log = await rooms.logs.find(scope, body.parent_id);
      if (log === null) throw notFound('Log', body.parent_id);
      const source = sourceOf(spec, scope);
      const { id } = await rooms.logs.judge(scope, {
        id: body.log_id ?? undefined,
        evaluatorId: target.snapshot.file.id,
        evaluatorVersionId: target.snapshot.version.id,
        logId: body.parent_id,
        source,
        // What an application sends without a user is what the log's user says, as in `POST /feedback`.
        judge: body.user ?? (scope.actor.type === 'user' ? scope.actor.id : source === 'user' ? (log.user ?? log.unit) : null),
        value,
        correction: isCorrection({ path: target.snapshot.file.path, spec }),
        reason: body.output ?? null,
        error: body.error ?? null,
        createdAt: body.created_at == null ? null : new Date(body.created_at),
        startTime: body.start_time == null ? null : new Date(body.start_time),
        endTime: body.end_time == null ? null : new Date(body.end_time),
        metadata: body.metadata ?? null,
        stdout: body.stdout ?? null,
        origin: 'api',
        keyId: scope.actor.type === 'key' ? scope.actor.id : null,
      });
      return { id, parent_id: body.parent_id, session_id: null, version_id: target.snapshot.version.id };
    },
  };
}

/** A human evaluator is answered by a colleague in the app, or by an end user through the application's key. */
function sourceOf(spec: EvaluatorSpec, scope: Scope): JudgmentSource {
  if (spec.evaluator_type === 'python') return 'code';
  if (spec.evaluator_type === 'llm' || spec.evaluator_type === 'external') return spec.evaluator_type;
  return scope.actor.type === 'user' ? 'human' : 'user';
}

/** 422 when a judgment is not of the evaluator's type, or names an option that it does not have. */
export function requireFits(spec: EvaluatorSpec, value: JudgmentValue): void {
  const wrong = judgmentMismatch(spec, value);
  if (wrong !== null)
    throw new AppError('invalid_input', wrong, { details: [{ loc: ['body', 'judgment'], msg: wrong, type: 'value_error' }] });
}
