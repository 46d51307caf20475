/** What went wrong and where: an offset into the text being read. */
export class PromptFileError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'PromptFileError';
    this.offset = offset;
  }
}

/** Line and column of an offset, both from 1. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

/** Without the blanks, tabs and line ends at both ends; other white space is content. */
export function strip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** The offset of the first character at or after `from` that is no blank. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

/** Text between two tags as people mean it: common indentation and blank edges removed. */
export function dedent(raw: string): string {
  const lines = raw.split('\n');
  // Text that starts beside its tag has no indentation of its own.
  const from = strip(lines[0] ?? '') === '' ? 0 : 1;
  let margin: string | null = null;
  for (const line of lines.slice(from)) {
    if (strip(line) === '') continue;
    const own = /^[ \t]*/.exec(line)?.[0] ?? '';
    margin = margin === null ? own : commonStart(margin, own);
  }
  const width = margin ?? '';
  return strip(lines.map((line, i) => (i < from ? line : withoutMargin(line, width))).join('\n'));
}

export function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : by + line))
    .join('\n');
}

function withoutMargin(line: string, margin: string): string {
  if (line.startsWith(margin)) return line.slice(margin.length);
  return strip(line) === '' ? '' : line;
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10;
}
