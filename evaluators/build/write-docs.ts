import { readFileSync, writeFileSync } from 'node:fs';
import { libraryReference } from '../src/document.ts';

/** Writes the reference of the library into its page, between the marks. A test fails when it is stale. */
const page = new URL('../../docs/evaluators-library.md', import.meta.url);
const [before = '', rest = ''] = readFileSync(page, 'utf8').split('<!-- library -->\n');
const [, after = ''] = rest.split('<!-- /library -->');
writeFileSync(page, `${before}<!-- library -->\n${libraryReference()}\n<!-- /library -->${after}`);
