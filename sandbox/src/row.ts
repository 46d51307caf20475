import type { Json, JsonObject } from '@whetstone/contract';
import type { Item } from './index.ts';

/** Where the clock stands for a log that does not say when it was made. */
const someTime = Date.UTC(2025, 0, 1);

/** What a runner is given for one log: the arguments as JSON, the time at which its clock stands, what its dice start from. */
export function itemRow({ log, testcase }: Item): string {
  return rowText(testcase == null ? [log] : [log, testcase], log);
}

/** @param log what time and dice come from; null: always the same */
export function rowText(args: Json, log: JsonObject | null): string {
  return `{"now":${timeOf(log)},"seed":${seedOf(log?.['id'])},"args":${JSON.stringify(args)}}`;
}

function timeOf(log: JsonObject | null): number {
  for (const name of ['created_at', 'start_time']) {
    const value = log?.[name];
    const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    if (Number.isFinite(time)) return time;
  }
  return someTime;
}

/** FNV-1a over UTF-16 units, 32 bits. */
function seedOf(id: unknown): number {
  let hash = 0x811c9dc5;
  for (const unit of typeof id === 'string' ? id : '') hash = Math.imul(hash ^ unit.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}
