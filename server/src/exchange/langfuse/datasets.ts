import type { Datapoint } from '@whetstone/contract';
import { type AnyRecord, isRecord, textOf } from '../formats/documents.ts';
import { caseOf, targetOf } from '../formats/prompt-kernel.ts';
import { nameOf, type Reading, type Row } from './langfuse.ts';

interface Placed {
  where: string;
  record: AnyRecord;
}

export class Datasets {
  readonly datasets = new Map<string, Placed>();
  /** By id: pages may overlap. */
  readonly items = new Map<string, Placed>();

  arrive({ into }: Reading): void {
    const named = new Map([...this.datasets.values()].map(({ record }) => [record['id'], nameOf(record)]));
    const of = (item: AnyRecord): string => textOf(item['datasetName']) ?? named.get(item['datasetId']) ?? 'unnamed';
    for (const { where, record } of this.datasets.values()) {
      const { metadata, inputSchema, expectedOutputSchema } = record;
      const attributes = Object.fromEntries(
        Object.entries({ metadata, inputSchema, expectedOutputSchema }).filter(([, value]) => value !== null && value !== undefined),
      );
      into.dataset(nameOf(record), where, {
        description: textOf(record['description']),
        ...(Object.keys(attributes).length > 0 ? { attributes: { langfuse: attributes } } : {}),
      });
    }
    for (const { where, record } of this.items.values()) {
      const archived = record['status'] === 'ARCHIVED';
      const name = archived ? `${of(record)} (archived)` : of(record);
      into.datapoint(into.dataset(name, where), where, datapointOf(record));
    }
  }
}

function datapointOf({ input, expectedOutput, metadata }: AnyRecord): Datapoint {
  const target = targetOf(expectedOutput);
  const about = isRecord(metadata) || metadata === null || metadata === undefined ? metadata : { metadata };
  return { ...caseOf(input), ...(target === null ? {} : { target }), ...(about ? { metadata: about } : {}) };
}

export const datasetRows: readonly Row[] = [
  {
    recognises: ({ id, datasetId, datasetName, status }) =>
      typeof id === 'string' &&
      (typeof datasetName === 'string' || typeof datasetId === 'string') &&
      (status === undefined || typeof status === 'string'),
    read: (record, where, { datasets }) => {
      datasets.items.set(String(record['id']), { where, record });
    },
  },
  {
    recognises: ({ id, name, projectId, createdAt }) =>
      typeof id === 'string' && typeof name === 'string' && (typeof projectId === 'string' || typeof createdAt === 'string'),
    read: (record, where, { datasets }) => {
      datasets.datasets.set(nameOf(record), { where, record });
      // `GET /api/public/datasets/{name}` of older servers has them inside.
      const items = Array.isArray(record['items']) ? record['items'].filter((each) => isRecord(each)) : [];
      for (const [index, item] of items.entries())
        datasets.items.set(String(item['id']), { where: `${where} item ${index + 1}`, record: { datasetName: nameOf(record), ...item } });
    },
  },
];
