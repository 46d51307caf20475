import { CannotMeasure } from '../plan.ts';

/** Rows of RFC 4180: commas, quotes doubled inside quotes, CRLF or LF. Empty lines are passed over. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = (): void => {
    row.push(cell);
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    cell = '';
  };
  for (let i = 0; i < text.length; i += 1) {
    const sign = text[i] as string;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (sign === '"' && cell === '') quoted = true;
    else if (sign === ',') {
      row.push(cell);
      cell = '';
    } else if (sign === '\n') endRow();
    else if (sign !== '\r' || text[i + 1] !== '\n') cell += sign;
  }
  if (quoted) throw new CannotMeasure('A quote in the CSV is never closed.');
  if (cell !== '' || row.length > 0) endRow();
  return rows;
}
