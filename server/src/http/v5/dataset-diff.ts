import type { Output, Endpoints, Scope } from '@whetstone/contract';
import { diffKernels } from '@whetstone/domain';
import type { Files, Snapshot, StoredDatapoint } from '../../files/index.ts';

type Diff = Output<Endpoints['datasets.diff']>;

/** Changes and lines beyond this many are not shown: nobody reads them, and an answer has to end. */
const most = 1_000;

/** Datapoints are content, so one that was edited is one that went and one that came. */
export async function diffDatasets(files: Files, scope: Scope, from: Snapshot<'dataset'>, to: Snapshot<'dataset'>): Promise<Diff> {
  const [before, after] = await Promise.all([idsOf(files, scope, from), idsOf(files, scope, to)]);
  const [old, fresh] = [new Set(before), new Set(after)];
  const removed = before.filter((id) => !fresh.has(id)).slice(0, most);
  const added = after.filter((id) => !old.has(id)).slice(0, most);
  const shown = await files.datasets.datapointsById(scope, [...removed, ...added, ...before.slice(0, most), ...after.slice(0, most)]);
  const content = (id: string): Record<string, unknown> => contentOf(shown.get(id));
  const attributes = diffKernels({ attributes: from.version.kernel.attributes }, { attributes: to.version.kernel.attributes });
  return {
    from: from.version.id,
    to: to.version.id,
    changes: [
      ...attributes.map(({ path, kind, before: was, after: is }) => ({ path, kind, before: was, after: is })),
      ...removed.map((id) => ({ path: `datapoints.${id}`, kind: 'removed' as const, before: content(id), after: null })),
      ...added.map((id) => ({ path: `datapoints.${id}`, kind: 'added' as const, before: null, after: content(id) })),
    ],
    from_text: lines(before, content),
    to_text: lines(after, content),
  };
}

function idsOf(files: Files, scope: Scope, { version }: Snapshot): Promise<string[]> {
  return files.datasets.datapointIds(scope, version.id);
}

function contentOf(datapoint: StoredDatapoint | undefined): Record<string, unknown> {
  const { id: _id, ...content } = datapoint ?? { id: '' };
  return Object.fromEntries(Object.entries(content).filter(([, value]) => value !== null));
}

function lines(ids: readonly string[], content: (id: string) => Record<string, unknown>): string {
  const text = ids.slice(0, most).map((id) => `${JSON.stringify(content(id))}\n`);
  return ids.length > most ? `${text.join('')}… and ${ids.length - most} more\n` : text.join('');
}
