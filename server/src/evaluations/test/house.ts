import { randomBytes } from 'node:crypto';
import { createSandbox } from '@whetstone/sandbox';
import { type AgentHouse, openAgentHouse } from '../../agents/test/house.ts';
import { logPresenter } from '../../http/index.ts';
import { createJudges, type Judges } from '../../judges/index.ts';
import { createLog } from '../../log.ts';
import { createEvaluations, type Evaluations } from '../index.ts';

/** All rooms below on real stores, the fake provider, and the room of evaluations. */
export interface EvaluationHouse extends AgentHouse {
  judges: Judges;
  evaluations: Evaluations;
  /** Another process of the same server: what it had under way, a first one left. */
  another(): Evaluations;
}

/** @param python where the machine's Python is, when not where it usually is */
export async function openEvaluationHouse({ python = null }: { python?: string | null } = {}): Promise<EvaluationHouse> {
  const house = await openAgentHouse();
  const { storage, files, logs, gateway, tools, agents } = house;
  const silent = createLog('silent');
  const sandbox = createSandbox({ log: silent, python });
  const people = { users: { names: async () => new Map() } } as unknown as Parameters<typeof logPresenter>[0]['people'];
  const presenter = logPresenter({ people, files, logs });
  const judges = createJudges({
    sandbox,
    gateway,
    files,
    logs,
    present: (scope, some, descendants) => presenter.logs(scope, some, { judgments: false, descendants }),
  });
  const all: Evaluations[] = [];
  const another = (): Evaluations => {
    const made = createEvaluations({
      storage,
      files,
      logs,
      gateway,
      tools,
      agents,
      judges,
      log: silent,
      clock: () => new Date(),
      randomBytes,
    });
    all.push(made);
    return made;
  };
  const evaluations = another();
  logs.onRecorded((scope, entry) => void evaluations.attach(scope, entry).catch(() => undefined));
  logs.onCompleted((scope, entry) => void evaluations.completed(scope, entry).catch(() => undefined));
  return {
    ...house,
    judges,
    evaluations,
    another,
    close: async () => {
      await Promise.all(all.map((each) => each.close()));
      await Promise.all([sandbox.close(), judges.close()]);
      await house.close();
    },
  };
}
