import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { libraryReference } from './document.ts';
import { library } from './index.ts';

const page = readFileSync(new URL('../../docs/evaluators-library.md', import.meta.url), 'utf8');

test('the page of the library is what the table says; `node evaluators/build/write-docs.ts` writes it', () => {
  const [, rest = ''] = page.split('<!-- library -->\n');
  expect(rest.split('\n<!-- /library -->')[0]).toBe(libraryReference());
});

test('every option says what it means, and every evaluator is asked for in one sentence', () => {
  expect(libraryReference()).not.toMatch(/\|\s+\|\n/);
  for (const { description } of library) expect(description).toMatch(/^[A-Z][^.?]*(?:[?]|\?[^.?]*\.)$/);
});
