import type { NewLog } from '../index.ts';
import { newLine, type WriteContext } from './merge.ts';
import { isTrace } from './row.ts';
import { utf8 } from './line.ts';
import { inputPreview, outputPreview, searchText } from './text.ts';

/** Shorter strings are never cut out of a row: no UTF-8 of them is long enough, and no data URL is worth a blob. */
const shortText = 80_000;
const shortDataUrl = 1024;
const mostDepth = 100;

/**
 * The queued line of a log that is new, is alone and needs nothing: no parent to look up, no text to repair or redact,
 * no string to cut out. Null when it needs something. Most calls of a busy gateway are of this kind, hence no copies here.
 */
export function plainLine(log: NewLog, context: WriteContext): Buffer | null {
  if (isTrace(log.kind) || log.traceParentId || log.save === false || !isPlain(log, mostDepth)) return null;
  const line = newLine(log, context);
  const { inputs = null, messages = null, output = null, outputMessage = null, error = null } = log;
  const payload = { inputs, messages, output, output_message: outputMessage, error };
  line.input_preview = inputPreview(payload) || undefined;
  line.output_preview = outputPreview(payload) || undefined;
  line.search_text = searchText(payload);
  return utf8(JSON.stringify(line));
}

/** Whether a value has text in its one form only, numbers that JSON can say, and no long strings. Dates are taken for plain. */
function isPlain(value: unknown, depthLeft: number): boolean {
  if (typeof value === 'string') return isPlainText(value);
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || value === null) return true;
  if (depthLeft <= 0) return false;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (!isPlain(item, depthLeft - 1)) return false;
    return true;
  }
  for (const key of Object.keys(value)) {
    if (!isPlainText(key) || !isPlain((value as Record<string, unknown>)[key], depthLeft - 1)) return false;
  }
  return true;
}

function isPlainText(text: string): boolean {
  if (text.length >= shortDataUrl && (text.length >= shortText || text.startsWith('data:'))) return false;
  return text.isWellFormed() && !text.includes('\0');
}
