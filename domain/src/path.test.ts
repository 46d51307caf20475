import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ancestorPaths, fileName, isWithin, joinPath, normalisePath, parentPath, parsePath, pathProblem } from './path.ts';

interface Table {
  good: { path: string; is: string }[];
  bad: { path: string; says: string }[];
}
const table = parse(readFileSync(new URL('../../spec/paths.yaml', import.meta.url), 'utf8')) as Table;

describe('paths', () => {
  test.each(table.good)('%j is a path', ({ path, is }) => {
    expect(parsePath(path)).toBe(is);
    expect(pathProblem(is)).toBeNull();
  });

  test.each(table.bad)('%j is refused', ({ path, says }) => {
    expect(pathProblem(normalisePath(path))).toContain(says);
    expect(() => parsePath(path)).toThrow(says);
  });

  test('the bounds are 255 characters for a part and 1024 in all', () => {
    expect(pathProblem('a'.repeat(255))).toBeNull();
    expect(pathProblem('a'.repeat(256))).toContain('255');
    expect(pathProblem('a/'.repeat(511) + 'aa')).toBeNull();
    expect(pathProblem('a/'.repeat(512) + 'a')).toContain('1024');
  });

  test('a path is taken apart and put together', () => {
    expect([parentPath('a/b/c'), fileName('a/b/c'), parentPath('c'), fileName('c')]).toEqual(['a/b', 'c', '', 'c']);
    expect([joinPath('a/b', 'c'), joinPath('', 'c')]).toEqual(['a/b/c', 'c']);
    expect(ancestorPaths('a/b/c')).toEqual(['a', 'a/b']);
    expect([isWithin('a/b', 'a'), isWithin('ab/c', 'a'), isWithin('a', 'a'), isWithin('a', '')]).toEqual([true, false, false, true]);
  });
});
