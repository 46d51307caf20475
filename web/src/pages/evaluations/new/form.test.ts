import { describe, expect, it } from 'vitest';
import type { EvaluatorResponse } from '@whetstone/contract';
import type { VersionedFile } from '../../../parts/file-query.ts';
import { marginOf, typed, usualBaseline, usualVersions } from './form.ts';

const version = (id: string, deployed = false) =>
  ({ version_id: id, environments: deployed ? [{ tag: 'default' }] : [] }) as unknown as VersionedFile;
const judge = (returnType: string) => ({ spec: { return_type: returnType } }) as unknown as EvaluatorResponse;

describe('what is chosen before anybody chooses', () => {
  it('is the newest version against what is deployed', () => {
    const versions = [version('c'), version('b'), version('a', true)];
    expect(usualVersions(versions)).toEqual(['c', 'a']);
    expect(usualBaseline(versions, ['c', 'a'])).toBe('a');
    expect(usualBaseline(versions, ['c', 'b'])).toBe('b');
  });

  it('is the newest against the one before when the newest is what is deployed', () => {
    expect(usualVersions([version('b', true), version('a')])).toEqual(['b', 'a']);
    expect(usualVersions([version('a')])).toEqual(['a']);
    expect(usualVersions([])).toEqual([]);
  });

  it('has the version that one came from', () => {
    expect(usualVersions([version('c'), version('b'), version('a', true)], 'b')).toEqual(['b', 'a']);
  });
});

it('reads what was typed, and takes a margin of pass rates in points', () => {
  expect([typed(''), typed(' $0,50 '), typed('x')]).toEqual([null, 0.5, Number.NaN]);
  expect(marginOf('5', judge('boolean'))).toBe(0.05);
  expect(marginOf('5', judge('number'))).toBe(5);
  expect(marginOf('', judge('number'))).toBeNull();
});
