import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The documentation as Markdown, by the name of the page: `sdk.md`, `decisions/one-text-form.md`. */
export type Documents = ReadonlyMap<string, { title: string; about: string; text: string }>;

/** Reads the pages once. Empty where they were not installed. */
export function readDocuments(directory: string): Documents {
  if (!existsSync(directory)) return new Map();
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md'))
    .sort((a, b) => (a < b ? -1 : 1));
  const index = existsSync(join(directory, 'README.md')) ? readFileSync(join(directory, 'README.md'), 'utf8') : '';
  return new Map(
    names.map((name) => {
      const text = readFileSync(join(directory, name), 'utf8');
      return [name, { title: /^# (.+)$/m.exec(text)?.[1] ?? name, about: aboutOf(index, name), text }];
    }),
  );
}

/** What the index says of a page. */
function aboutOf(index: string, name: string): string {
  const line = index.split('\n').find((row) => row.startsWith('|') && row.includes(`](${name})`));
  return line?.split('|')[2]?.trim() ?? '';
}
