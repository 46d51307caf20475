/**
 * A value as a cell of CSV (RFC 4180); what is no text is JSON. T26: a spreadsheet runs a cell that starts with =, +, -, @ or a tab as a
 * formula; a quote in front keeps it text.
 */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
