import { AppError } from '@whetstone/contract';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

const unfinished = (): never => {
  throw new AppError('unavailable', 'This is not built yet.');
};

export function feedbackHandlers(_rooms: Rooms): HandlersOf<'feedback'> {
  return {
    'feedback.create': unfinished,
    'feedback.summary': unfinished,
    'feedback.arrivals': unfinished,
  };
}
