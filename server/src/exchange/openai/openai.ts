import type { Archive } from '../archive.ts';
import type { Arriving } from '../formats/arriving.ts';
import type { Format } from '../formats/carry.ts';
import { isLines } from '../formats/documents.ts';
import { readRecords, type Row as RowOf } from '../formats/records.ts';
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

export type Row = RowOf<Reading>;

const records = {
  rows: [...evalRows, storedPrompts, ...sampleRows],
  unknown: 'It is no eval, run, output item, case or stored prompt.',
};

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
    const paths = archive.paths.filter((path) => !used.paths.has(path) && (isLines(path) || path.endsWith('.json')));
    const recognised = await readRecords(records, reading, paths, signal);
    reading.evals.arrive(reading);
    return recognised || used.found;
  },
};
