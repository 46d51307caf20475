import { describe, expect, it } from 'vitest';
import { runsOf, simulate, suites } from './simulate.ts';
import { atLeast, atMost, keepsBound, printTable, settingOf, share, shareOf } from './study.ts';

describe('the reduced set of simulations', () => {
  it.each(Object.keys(suites))('keeps every bound of %s', { timeout: 600_000 }, (name) => {
    const figures = simulate([name], true);
    expect(figures.filter(({ bound }) => bound !== undefined).length).toBeGreaterThan(1);
    expect(figures.filter((figure) => !keepsBound(figure)).map((figure) => printTable([figure]))).toEqual([]);
  });
});

describe('how a bound is judged', () => {
  const figure = { suite: 's', name: 'n', runs: 10_000 };
  it('allows two Monte Carlo errors and no more', () => {
    expect(keepsBound({ ...figure, value: 0.054, error: 0.0022, bound: atMost(0.05) })).toBe(true);
    expect(keepsBound({ ...figure, value: 0.056, error: 0.0022, bound: atMost(0.05) })).toBe(false);
    expect(keepsBound({ ...figure, value: 0.936, error: 0.0024, bound: atLeast(0.94) })).toBe(true);
    expect(keepsBound({ ...figure, value: 0.934, error: 0.0024, bound: atLeast(0.94) })).toBe(false);
  });
  it('allows nothing to what was computed exactly, nor to what is no number', () => {
    expect(keepsBound({ ...figure, value: 0.9399, error: 0, bound: atLeast(0.94) })).toBe(false);
    expect(keepsBound({ ...figure, ...shareOf(0, 0), bound: atMost(0.05) })).toBe(false);
  });
  it('gives the same numbers again, and others to another study', () => {
    const draw = (name: string) => share(settingOf(200), 's', name, (random) => random() < 0.5).value;
    expect(draw('a')).toBe(draw('a'));
    expect(draw('a')).not.toBe(draw('b'));
    expect(runsOf(false)).toBe(10_000);
  });
  it('leaves out runs of which a study says nothing', () => {
    const only = share(settingOf(1000), 's', 'half', (random) => (random() < 0.5 ? true : null));
    expect(only.value).toBe(1);
    expect(only.runs).toBeLessThan(600);
  });
});
