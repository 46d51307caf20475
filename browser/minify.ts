import { readFileSync, writeFileSync } from 'node:fs';
import { minifySync } from 'vite';

/** What is served for whetstone.js. Syntax stays what browsers of the last five years read. */
export function minified(): string {
  const source = readFileSync(new URL('whetstone.js', import.meta.url), 'utf8');
  const { code, errors } = minifySync('whetstone.js', source, { module: false, compress: { target: 'es2020' } });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return `${code}\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(new URL('whetstone.min.js', import.meta.url), minified());
