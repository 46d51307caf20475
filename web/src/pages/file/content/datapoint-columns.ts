import type { DatapointResponse } from '@whetstone/contract';
import { pretty } from '../../../parts/log/json.ts';

/** A column of a dataset's table. */
export interface DatapointColumn {
  group: 'Input' | 'Messages' | 'Target';
  /** Of the input or of the part of the target; empty for messages. */
  name: string;
  /** Whether long text stands in it. */
  wide: boolean;
  of: (point: DatapointResponse) => unknown;
}

const longText = 60;

/** One column for each input, one for messages where there are some, one for each part of the targets; in the order in which they occur. */
export function datapointColumns(points: readonly DatapointResponse[]): DatapointColumn[] {
  const inputs = namesIn(points, 'inputs').map((name) => column('Input', name, ({ inputs: all }) => all?.[name]));
  const targets = namesIn(points, 'target').map((name) => column('Target', name, ({ target }) => target?.[name]));
  const talk = points.some(({ messages }) => (messages ?? []).length > 0) ? [column('Messages', '', ({ messages }) => messages)] : [];
  return [...inputs, ...talk, ...targets].map((one) => ({ ...one, wide: one.group === 'Messages' || isLong(points, one.of) }));
}

function column(group: DatapointColumn['group'], name: string, of: DatapointColumn['of']): Omit<DatapointColumn, 'wide'> {
  return { group, name, of };
}

function namesIn(points: readonly DatapointResponse[], key: 'inputs' | 'target'): string[] {
  return [...new Set(points.flatMap((point) => Object.keys(point[key] ?? {})))];
}

function isLong(points: readonly DatapointResponse[], of: DatapointColumn['of']): boolean {
  return points.slice(0, 50).some((point) => pretty(of(point) ?? '').length > longText);
}
