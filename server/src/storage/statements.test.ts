import { expect, test } from 'vitest';
import { splitStatements } from './statements.ts';

test('a semicolon in a string, a name, a dollar quote or a comment ends nothing', () => {
  const file = `
    -- first; really
    CREATE TABLE a (t text DEFAULT ';--''x', "b;c" int); /* not; here */
    DO $body$ BEGIN PERFORM 1; END $body$;
    SELECT 1 - 2 / 3`;
  expect(splitStatements(file)).toEqual([
    `CREATE TABLE a (t text DEFAULT ';--''x', "b;c" int)`,
    'DO $body$ BEGIN PERFORM 1; END $body$',
    'SELECT 1 - 2 / 3',
  ]);
});

test('comments and empty statements are nothing', () => {
  expect(splitStatements(';; -- a\n /* b */ ;\n')).toEqual([]);
});
