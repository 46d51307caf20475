import type { Archive } from '../archive.ts';
import type { Arriving } from '../formats/arriving.ts';
import type { Format } from '../formats/carry.ts';
import { type AnyRecord, isLines, isRecord, isYaml, recordsOf } from '../formats/documents.ts';
import type { Report } from '../report.ts';
import { evalRows, Evals } from './evals.ts';
import { readRegistry, sampleRows } from './registry.ts';
import { storedPrompts } from './stored-prompts.ts';

export interface Reading {
  archive: Archive;
  into: Arriving;
  report: Report;
  evals: Evals;
}

/** A kind of record that an export of OpenAI's may have. The first that recognises one reads it. */
export interface Row {
  recognises: (record: AnyRecord) => boolean;
  read: (record: AnyRecord, where: string, reading: Reading) => void;
}

/** A page of a list, as the API answers it. */
const pages: Row = {
  recognises: ({ object, data }) => object === 'list' && Array.isArray(data),
  read: ({ data }, where, reading) => {
    for (const [index, each] of (data as unknown[]).entries()) {
      const place = `${where}#${index + 1}`;
      if (!isRecord(each) || !dispatch(each, place, reading)) reading.report.problem(place, 'record', unknown);
    }
  },
};
const unknown = 'It is no eval, run, output item, case or stored prompt.';
const rows: readonly Row[] = [pages, ...evalRows, storedPrompts, ...sampleRows];

function dispatch(record: AnyRecord, where: string, reading: Reading): boolean {
  const row = rows.find(({ recognises }) => recognises(record));
  row?.read(record, where, reading);
  return row !== undefined;
}

/**
 * OpenAI's evals, as their API answers them and as the usual export scripts write them down, the registry of the open-source
 * `openai/evals`, and stored prompts.
 * Sources: platform.openai.com/docs/api-reference/evals (types of `openai` 7.57), github.com/openai/evals docs/build-eval.md
 * and docs/eval-templates.md, and for stored prompts, which no API reads, the record that migration guides ask people to make.
 */
export const openai: Format = {
  expected:
    'Pack evals, runs and output items as JSON or JSON lines, a registry of openai/evals with its samples, or stored prompts as JSON.',
  async read(archive, into, report, signal) {
    const reading: Reading = { archive, into, report, evals: new Evals() };
    const used = await readRegistry(reading, signal);
    let recognised = used.found;
    for (const path of archive.paths) {
      if (used.paths.has(path) || !(isLines(path) || isYaml(path) || path.endsWith('.json'))) continue;
      signal.throwIfAborted();
      let [known, strange] = [0, 0];
      for await (const { where, value } of recordsOf(archive, report, path)) {
        if (isRecord(value) && dispatch(value, where, reading)) known += 1;
        else strange += 1;
      }
      if (strange > 0) report.problem(path, strange === 1 ? 'record' : `${strange.toLocaleString('en')} records`, unknown);
      recognised ||= known > 0;
    }
    reading.evals.arrive(reading);
    return recognised;
  },
};
