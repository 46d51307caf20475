import type { Archive } from '../archive.ts';
import type { Report } from '../report.ts';
import { type AnyRecord, isRecord, recordsOf } from './documents.ts';

/** A kind of record that an export may have, wherever it lies. The first that recognises one reads it. */
export interface Row<Reading> {
  recognises: (record: AnyRecord) => boolean;
  read: (record: AnyRecord, where: string, reading: Reading) => void;
}
interface Records<Reading> {
  rows: readonly Row<Reading>[];
  /** Why a record is left out that no row recognises. */
  unknown: string;
}

/** Reads files of records, one by one, in lists or in pages of an API; true when a row recognised one. */
export async function readRecords<Reading extends { archive: Archive; report: Report }>(
  { rows, unknown }: Records<Reading>,
  reading: Reading,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const { archive, report } = reading;
  const dispatch = (record: unknown, where: string): boolean => {
    if (!isRecord(record)) return false;
    const page = pageOf(record);
    if (page === null) {
      const row = rows.find(({ recognises }) => recognises(record));
      row?.read(record, where, reading);
      return row !== undefined;
    }
    for (const [index, each] of page.entries()) {
      const place = `${where}#${index + 1}`;
      if (!dispatch(each, place)) report.problem(place, 'record', unknown);
    }
    return true;
  };
  let recognised = false;
  for (const path of paths) {
    signal.throwIfAborted();
    let strange = 0;
    for await (const { where, value } of recordsOf(archive, report, path)) {
      if (dispatch(value, where)) recognised = true;
      else strange += 1;
    }
    if (strange > 0) report.problem(path, strange === 1 ? 'record' : `${strange.toLocaleString('en')} records`, unknown);
  }
  return recognised;
}

/** What a page of a list holds, as APIs answer it; null for what is none. */
function pageOf({ object, data, meta }: AnyRecord): unknown[] | null {
  return Array.isArray(data) && (object === 'list' || isRecord(meta)) ? data : null;
}
