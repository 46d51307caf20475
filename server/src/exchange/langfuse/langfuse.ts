import type { Archive } from '../archive.ts';
import { type AnyRecord, isLines, textOf } from '../formats/documents.ts';
import { readRecords, type Row as RowOf } from '../formats/records.ts';
import type { Arriving } from '../formats/arriving.ts';
import type { Format } from '../formats/carry.ts';
import type { Report } from '../report.ts';
import { Datasets, datasetRows } from './datasets.ts';
import { Prompts, promptRows } from './prompts.ts';

export interface Reading {
  archive: Archive;
  report: Report;
  into: Arriving;
  prompts: Prompts;
  datasets: Datasets;
}

export type Row = RowOf<Reading>;

const records = { rows: [...promptRows, ...datasetRows], unknown: 'It is no prompt, dataset or dataset item.' };

/**
 * Prompts and datasets of Langfuse, as its public API answers them (`GET /api/public/v2/prompts/{name}`, `/v2/datasets`,
 * `/dataset-items`), one by one, in pages or in lines. Source: the API's definition, langfuse/langfuse
 * fern/apis/server/definition/{prompts,datasets,dataset-items,commons}.yml.
 */
export const langfuse: Format = {
  expected: 'Pack answers of Langfuse’s public API as JSON or JSON lines: prompts, datasets, dataset items.',
  async read(archive, into, report, signal) {
    const reading: Reading = { archive, report, into, prompts: new Prompts(), datasets: new Datasets() };
    const paths = archive.paths.filter((path) => isLines(path) || path.endsWith('.json'));
    const recognised = await readRecords(records, reading, paths, signal);
    reading.prompts.arrive(reading);
    reading.datasets.arrive(reading);
    return recognised;
  },
};

/** Names have slashes where there are folders. */
export const nameOf = (record: AnyRecord, field = 'name'): string => textOf(record[field]) ?? 'unnamed';
