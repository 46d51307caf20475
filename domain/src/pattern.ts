import { RE2JS } from 're2js';

/** Patterns of users run in RE2's linear-time engine, so that none of them can hang whoever uses it. */

export type Pattern = RE2JS;

const maxPattern = 1000;

/** The pattern, or in words why it is none. */
export function compilePattern(source: string, options: { ignoreCase?: boolean } = {}): Pattern | string {
  if (source === '') return 'The pattern is empty.';
  if (source.length > maxPattern) return `The pattern is longer than ${maxPattern} characters.`;
  if (/\(\?<?[=!]/.test(source))
    return 'The pattern uses look-ahead or look-behind, which the linear-time engine does not have. Match the text itself.';
  try {
    return RE2JS.compile(source, options.ignoreCase === true ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unknown error';
    return /^invalid escape sequence: `\\\d/.test(reason)
      ? 'The pattern uses a back-reference, which the linear-time engine does not have.'
      : `The pattern is not valid: ${reason}.`;
  }
}
