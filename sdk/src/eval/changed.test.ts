import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedFiles, concerns, currentCommit } from './changed.ts';
import type { Plan } from './plan.ts';

describe('--changed', () => {
  let here: string;
  const git = (...args: string[]): void => {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@b.co', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...who, ...args], { cwd: here, stdio: 'ignore' });
  };
  const write = (name: string): void => writeFileSync(join(here, name), name + String(process.hrtime.bigint()));
  const plan = (...watched: string[]) => ({ watched: watched.map((name) => join(here, name)) }) as Plan;

  beforeAll(() => {
    here = realpathSync(mkdtempSync(join(tmpdir(), 'whetstone-changed-')));
    git('init', '-b', 'main');
    mkdirSync(join(here, 'src/deep'), { recursive: true });
    for (const name of ['a.eval.ts', 'b.eval.ts', 'src/deep/x.ts']) write(name);
    git('add', '.');
    git('commit', '-m', 'first');
    git('checkout', '-b', 'topic');
    write('a.eval.ts');
    git('commit', '-am', 'second');
    git('checkout', 'main');
    write('b.eval.ts');
    git('commit', '-am', 'on main meanwhile');
    git('checkout', 'topic');
  });
  afterAll(() => rmSync(here, { recursive: true, force: true }));

  it('knows what this branch changed since it left the other, not what the other did meanwhile', () => {
    const changed = changedFiles(here, 'main');
    expect([concerns(plan('a.eval.ts'), changed), concerns(plan('b.eval.ts'), changed)]).toEqual([true, false]);
  });

  it('counts what is not committed yet, and folders that are watched', () => {
    expect(concerns(plan('b.eval.ts', 'src/**'), changedFiles(here, 'HEAD'))).toBe(false);
    write('src/deep/y.ts');
    expect(concerns(plan('b.eval.ts', 'src/**'), changedFiles(here, 'HEAD'))).toBe(true);
  });

  it('says that the history is missing', () => {
    expect(() => changedFiles(here, 'no-such-branch')).toThrow(/needs git, and the history of `no-such-branch`/);
    expect(currentCommit(here)).toMatchObject({ branch: 'topic', commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
  });
});
