/** Search params of the pages: what a colleague should see by the link. Unknown and malformed ones are dropped. */

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}
/** Only the keys that are set, so that the address stays short. */
function defined<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: T[K] } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: T[K] };
}

export const nextSearch = (raw: Record<string, unknown>) => defined({ next: text(raw.next) });
export const homeSearch = (raw: Record<string, unknown>) => defined({ days: text(raw.days), by: text(raw.by) });
export const editorSearch = (raw: Record<string, unknown>) => defined({ version: text(raw.version), beside: text(raw.beside) });
export const versionsSearch = (raw: Record<string, unknown>) => defined({ from: text(raw.from), to: text(raw.to) });
export const logsSearch = (raw: Record<string, unknown>) =>
  defined({ q: text(raw.q), range: text(raw.range), from: text(raw.from), to: text(raw.to), peek: text(raw.peek), sort: text(raw.sort) });
export const logSearch = (raw: Record<string, unknown>) => defined({ view: text(raw.view) });
export const filesSearch = (raw: Record<string, unknown>) => defined({ kind: text(raw.kind) });
