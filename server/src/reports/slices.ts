import { AppError } from '@whetstone/contract';
import type { Room } from './create-reports.ts';
import type { Reports } from './index.ts';
export const slices =
  (_room: Room): Reports['slices'] =>
  async () => {
    throw new AppError('unavailable', 'Not yet.');
  };
