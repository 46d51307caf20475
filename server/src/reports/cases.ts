import { AppError } from '@whetstone/contract';
import type { Room } from './create-reports.ts';
import type { Reports } from './index.ts';
export const caseList =
  (_room: Room): Reports['cases'] =>
  async () => {
    throw new AppError('unavailable', 'Not yet.');
  };
