import { AppError, type Scope } from '@whetstone/contract';
import type { Room } from './create-reports.ts';
import type { Reports } from './index.ts';
export async function* exported(
  _room: Room,
  _scope: Scope,
  _id: string,
  _query: Parameters<Reports['export']>[2],
  _signal: AbortSignal,
): AsyncGenerator<string> {
  yield '';
  throw new AppError('unavailable', 'Not yet.');
}
