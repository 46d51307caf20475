import { AppError, type AnyObject, notFound, type Scope } from '@whetstone/contract';
import { judgedDatapoint, judgedLog } from '@whetstone/domain';
import type { StoredLog } from '../logs/index.ts';
import type { Subject } from './index.ts';
import { mapLimited, type Room } from './room.ts';

const readAtOnce = 20;

/**
 * What is judged of logs: themselves as v5 answers them, a trace with its children, and the datapoint each was made for.
 * @throws AppError 404 for a log that is not there, 422 for one whose payload was not kept
 */
export async function subjectsOf(room: Room, scope: Scope, logIds: readonly string[]): Promise<Subject[]> {
  const logs = await mapLimited(logIds, readAtOnce, async (id) => (await room.logs.find(scope, id)) ?? missing(id));
  return subjectsOfLogs(room, scope, logs);
}

export async function subjectsOfLogs(room: Room, scope: Scope, logs: readonly StoredLog[]): Promise<Subject[]> {
  for (const { id, payload } of logs) if (payload !== 'full') throw notKept(id);
  const roots = logs.filter(({ kind }) => kind === 'flow' || kind === 'agent').map(({ id }) => id);
  const [traces, datapoints] = await Promise.all([
    roots.length === 0 ? new Map<string, StoredLog[]>() : room.logs.traces(scope, roots, { payload: true }),
    room.files.datasets.datapointsById(scope, [...new Set(logs.flatMap(({ datapointId }) => datapointId ?? []))]),
  ]);
  const presented = await room.present(scope, [...logs], [...traces.values()].flat());
  return presented.map((log, index): Subject => {
    const datapoint = datapoints.get(logs[index]?.datapointId ?? '');
    return {
      logId: logs[index]?.id ?? '',
      datapointId: datapoint?.id ?? null,
      log: judgedLog(log),
      testcase: datapoint === undefined ? null : judgedDatapoint(datapoint as unknown as AnyObject),
    };
  });
}

function missing(id: string): never {
  throw notFound('Log', id);
}

function notKept(id: string): AppError {
  return new AppError('invalid_input', `What log ${id} said was not kept, so that it cannot be judged.`);
}
