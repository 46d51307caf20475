import { AppError } from '@whetstone/contract';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

const unfinished = (): never => {
  throw new AppError('unavailable', 'This is not built yet.');
};

export function experimentHandlers(_rooms: Rooms): HandlersOf<'experiments'> {
  return {
    'experiments.list': unfinished,
    'experiments.plan': unfinished,
    'experiments.create': unfinished,
    'experiments.get': unfinished,
    'experiments.update': unfinished,
    'experiments.delete': unfinished,
    'experiments.start': unfinished,
    'experiments.stop': unfinished,
    'experiments.promote': unfinished,
    'experiments.end_hold_out': unfinished,
    'experiments.result': unfinished,
    'experiments.assignment': unfinished,
    'experiments.history': unfinished,
  };
}
