import { randomBytes } from 'node:crypto';
import type { EvaluatorSpec, JudgmentValue, MemberRole, Scope } from '@whetstone/contract';
import { type EvaluationHouse, openEvaluationHouse } from '../../evaluations/test/house.ts';
import type { Snapshot } from '../../files/index.ts';
import type { JudgmentSource, NewLog } from '../../logs/index.ts';
import type { Member } from '../../people/index.ts';
import { silent } from '../../test/storage.ts';
import { createReviews, type Reviews } from '../index.ts';

/** The rooms below on real stores, a list of members, a clock that can be set, and the room of reviews. */
export interface ReviewHouse extends EvaluationHouse {
  reviews: Reviews;
  members: Member[];
  /** Milliseconds by which the room's clock is ahead. */
  ahead: { ms: number };
  person(name: string, role?: MemberRole): Scope;
  in(workspaceId: string): Helpers;
}
export interface Helpers {
  evaluator(path: string, spec: Partial<EvaluatorSpec>): Promise<Snapshot<'evaluator'>>;
  prompt: Snapshot<'prompt'>;
  logs(count: number, more?: (index: number) => Partial<NewLog>): Promise<string[]>;
  judge(by: Snapshot<'evaluator'>, logId: string, value: JudgmentValue, more?: { source?: JudgmentSource; judge?: string }): Promise<void>;
  settled(): Promise<void>;
}

export async function openReviewHouse(): Promise<ReviewHouse> {
  const house = await openEvaluationHouse();
  const members: Member[] = [];
  const ahead = { ms: 0 };
  const reviews = createReviews({
    ...house,
    people: {
      members: { list: async () => members },
      users: { names: async (ids) => new Map(members.flatMap((one) => (ids.includes(one.id) ? [[one.id, one]] : []))) },
    },
    log: silent,
    clock: () => new Date(Date.now() + ahead.ms),
    randomBytes,
  });
  const stop = house.logs.onRecorded((scope, log) => reviews.recorded(scope, log));
  return {
    ...house,
    reviews,
    members,
    ahead,
    person(name, role = 'reviewer') {
      const id = `usr_${name}`;
      if (!members.some((one) => one.id === id))
        members.push({ id, name, email: `${name}@example.com`, role, suspended: false, joinedAt: new Date(), lastSeenAt: null });
      return { workspaceId: house.scope.workspaceId, actor: { type: 'user', id, name, email: `${name}@example.com`, role } };
    },
    in: (workspaceId) => helpersOf(house, workspaceId),
    close: async () => {
      stop();
      await reviews.close();
      await house.close();
    },
  };
}

function helpersOf({ files, logs, scope: any }: EvaluationHouse, workspaceId: string): Helpers {
  const scope = { ...any, workspaceId };
  const settled = async () => {
    if (!(await logs.drained(60_000))) throw new Error('The queue did not drain.');
  };
  const helpers = { prompt: null as unknown as Snapshot<'prompt'> };
  const prompt = async () =>
    (helpers.prompt ??= (await files.upsert(scope, 'prompt', { path: 'shop/answer', kernel: { model: 'gpt-4o-mini' } })).snapshot);
  return {
    get prompt() {
      return helpers.prompt;
    },
    settled,
    evaluator: async (path, spec) => {
      const whole = { evaluator_type: 'human', arguments_type: 'target_free', return_type: 'boolean', ...spec } as EvaluatorSpec;
      return (await files.upsert(scope, 'evaluator', { path, kernel: { spec: whole } })).snapshot;
    },
    logs: async (count, more = () => ({})) => {
      const { file, version } = await prompt();
      const start = Date.now() - count * 10;
      const made = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          logs.record(scope, {
            kind: 'prompt',
            fileId: file.id,
            versionId: version.id,
            origin: 'api',
            model: 'gpt-4o-mini',
            createdAt: new Date(start + index * 10),
            inputs: { n: String(index) },
            messages: [{ role: 'user', content: `Question ${index}` }],
            output: `Answer ${index}`,
            ...more(index),
          }),
        ),
      );
      await settled();
      return made.map(({ id }) => id);
    },
    judge: async (by, logId, value, { source = 'code', judge = '' } = {}) => {
      const evaluator = { evaluatorId: by.file.id, evaluatorVersionId: by.version.id };
      await logs.judge(scope, { ...evaluator, logId, source, judge, value, origin: 'api' });
    },
  };
}
