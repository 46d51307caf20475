import { type AnyRecord, isLines, isRecord, recordsOf, textOf } from '../formats/documents.ts';
import type { Arriving } from '../formats/arriving.ts';
import type { Format } from '../formats/carry.ts';
import type { Report } from '../report.ts';
import { Datasets, datasetRows } from './datasets.ts';
import { Prompts, promptRows } from './prompts.ts';

export interface Reading {
  report: Report;
  into: Arriving;
  prompts: Prompts;
  datasets: Datasets;
}

/** A kind of record of the public API. The first that recognises one keeps it. */
export interface Row {
  recognises: (record: AnyRecord) => boolean;
  read: (record: AnyRecord, where: string, reading: Reading) => void;
}

/** A page of a list. */
const pages: Row = {
  recognises: ({ data, meta }) => Array.isArray(data) && isRecord(meta),
  read: ({ data }, where, reading) => {
    for (const [index, each] of (data as unknown[]).entries()) {
      const place = `${where}#${index + 1}`;
      if (!isRecord(each) || !dispatch(each, place, reading)) reading.report.problem(place, 'record', unknown);
    }
  },
};
const unknown = 'It is no prompt, dataset or dataset item.';
const rows: readonly Row[] = [pages, ...promptRows, ...datasetRows];

function dispatch(record: AnyRecord, where: string, reading: Reading): boolean {
  const row = rows.find(({ recognises }) => recognises(record));
  row?.read(record, where, reading);
  return row !== undefined;
}

/**
 * Prompts and datasets of Langfuse, as its public API answers them (`GET /api/public/v2/prompts/{name}`, `/v2/datasets`,
 * `/dataset-items`), one by one, in pages or in lines. Source: the API's definition, langfuse/langfuse
 * fern/apis/server/definition/{prompts,datasets,dataset-items,commons}.yml.
 */
export const langfuse: Format = {
  expected: 'Pack answers of Langfuse’s public API as JSON or JSON lines: prompts, datasets, dataset items.',
  async read(archive, into, report, signal) {
    const reading: Reading = { report, into, prompts: new Prompts(), datasets: new Datasets() };
    let recognised = false;
    for (const path of archive.paths.filter((each) => isLines(each) || each.endsWith('.json'))) {
      signal.throwIfAborted();
      let [known, strange] = [0, 0];
      for await (const { where, value } of recordsOf(archive, report, path)) {
        if (isRecord(value) && dispatch(value, where, reading)) known += 1;
        else strange += 1;
      }
      if (strange > 0) report.problem(path, strange === 1 ? 'record' : `${strange.toLocaleString('en')} records`, unknown);
      recognised ||= known > 0;
    }
    reading.prompts.arrive(reading);
    reading.datasets.arrive(reading);
    return recognised;
  },
};

/** Names have slashes where there are folders. */
export const nameOf = (record: AnyRecord, field = 'name'): string => textOf(record[field]) ?? 'unnamed';
