import { createHash } from 'node:crypto';
import type { Scope } from '@whetstone/contract';
import { stableJson } from '@whetstone/domain';
import type { StoredDatapoint } from '../../files/index.ts';
import type { DuplicateGroup, Duplicates } from '../index.ts';
import { breathe, datapointsOf, type Room } from '../room.ts';
import { AlikeTexts } from './alike-texts.ts';
import { normalText } from './signature.ts';

const atOnce = 500;

interface Found {
  id: string;
  position: number;
  similarity: number;
  exact: boolean;
  target: string;
}

export function findDuplicates(room: Room, scope: Scope, versionId: string, threshold: number): Promise<Duplicates> {
  const key = JSON.stringify([scope.workspaceId, versionId, threshold]);
  return room.duplicates.get(key, () => search(room, scope, versionId, threshold));
}

/** Each datapoint joins the first before it that it is like. */
async function search(room: Room, scope: Scope, versionId: string, threshold: number): Promise<Duplicates> {
  const ids = await room.files.datasets.datapointIds(scope, versionId);
  const alike = new AlikeTexts(threshold);
  const groups = new Map<number, Found[]>();
  const firsts = new Map<number, Found>();
  let position = 0;
  for await (const datapoint of datapointsOf(room, scope, ids)) {
    const match = alike.add(position, normalText(datapoint));
    const found = {
      id: datapoint.id,
      position,
      similarity: match?.similarity ?? 1,
      exact: match?.exact ?? true,
      target: targetOf(datapoint),
    };
    if (match === null) firsts.set(position, found);
    else groups.set(match.index, [...(groups.get(match.index) ?? []), found]);
    position += 1;
    if (position % atOnce === 0) {
      await breathe();
    }
  }
  const all = [...groups].flatMap(([first, others]) => groupsOf(firsts.get(first) as Found, others));
  return {
    datapoints: ids.length,
    groups: all.toSorted((a, b) => (a.kind === b.kind ? b.members.length - a.members.length : a.kind === 'exact' ? -1 : 1)),
  };
}

/** The same text is one group; what is only near is another with the same first. */
function groupsOf(first: Found, others: readonly Found[]): DuplicateGroup[] {
  const make = (kind: DuplicateGroup['kind'], some: readonly Found[]): DuplicateGroup[] => {
    if (some.length === 0) return [];
    const members = [first, ...some];
    return [
      {
        kind,
        similarity: Math.min(...some.map(({ similarity }) => similarity)),
        targetsDiffer: new Set(members.map(({ target }) => target)).size > 1,
        members: members.map(({ id, position, similarity }) => ({ id, position, similarity })),
      },
    ];
  };
  return [
    ...make(
      'exact',
      others.filter(({ exact }) => exact),
    ),
    ...make(
      'near',
      others.filter(({ exact }) => !exact),
    ),
  ];
}

function targetOf({ target }: StoredDatapoint): string {
  return target === null ? '' : createHash('sha256').update(stableJson(target)).digest('base64');
}
