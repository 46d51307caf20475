import type { Datapoint, Scope } from '@whetstone/contract';
import type { StoredDatapoint } from '../files/index.ts';
import type { ColumnChange } from './index.ts';
import { datapointsOf, type Room } from './room.ts';

/** Those of the version that have such a column, as they are after the changes, made one after the other. */
export async function changeColumns(
  room: Room,
  scope: Scope,
  versionId: string,
  columns: readonly ColumnChange[],
  except: readonly string[],
): Promise<{ id: string; datapoint: Datapoint }[]> {
  if (columns.length === 0) return [];
  const left = new Set(except);
  const ids = (await room.files.datasets.datapointIds(scope, versionId)).filter((id) => !left.has(id));
  const changed: { id: string; datapoint: Datapoint }[] = [];
  for await (const { id, ...datapoint } of datapointsOf(room, scope, ids)) {
    const after = columns.reduce(withChange, datapoint);
    if (after !== datapoint) changed.push({ id, datapoint: after });
  }
  return changed;
}

type Content = Omit<StoredDatapoint, 'id'>;

function withChange(datapoint: Content, { part, key, to }: ColumnChange): Content {
  const values = datapoint[part];
  if (values === null || !Object.hasOwn(values, key)) return datapoint;
  const entries = Object.entries(values).flatMap(([name, value]) => (name !== key ? [[name, value]] : to === null ? [] : [[to, value]]));
  return { ...datapoint, [part]: Object.fromEntries(entries) as never };
}
