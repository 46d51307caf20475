import { execFileSync } from 'node:child_process';
import { relative, resolve } from 'node:path';
import { CannotMeasure, type Plan } from './plan.ts';

/** What git says of the working directory. */

function git(here: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: here, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Absolute names of files that differ from `ref` (of a branch: from where this one left it), those not yet in git too. */
export function changedFiles(here: string, ref: string): Set<string> {
  try {
    const root = git(here, 'rev-parse', '--show-toplevel');
    const from = ref === 'HEAD' ? 'HEAD' : mergeBase(here, ref);
    const names = [git(root, 'diff', '--name-only', '-z', from), git(root, 'ls-files', '--others', '--exclude-standard', '-z')];
    return new Set(names.flatMap((list) => list.split('\0').filter((name) => name !== '')).map((name) => resolve(root, name)));
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? String(error);
    throw new CannotMeasure(`--changed needs git, and the history of \`${ref}\` (in CI: fetch it whole): ${said}`);
  }
}

/** A fresh clone of CI knows branches by their remote. */
function mergeBase(here: string, ref: string): string {
  for (const name of [ref, `origin/${ref}`]) {
    try {
      return git(here, 'merge-base', 'HEAD', name);
    } catch {
      // The next name.
    }
  }
  return git(here, 'rev-parse', '--verify', ref);
}

/** @returns whether one of the evaluation's files changed; patterns may end with `/**` */
export function concerns(plan: Plan, changed: ReadonlySet<string>): boolean {
  return plan.watched.some((name) => {
    if (!name.endsWith('/**')) return changed.has(name);
    const folder = name.slice(0, -3);
    return [...changed].some((file) => !relative(folder, file).startsWith('..'));
  });
}

export function currentCommit(here: string): { branch: string | null; commit: string | null } {
  const ask = (...args: string[]): string | null => {
    try {
      return git(here, ...args) || null;
    } catch {
      return null;
    }
  };
  return { branch: ask('branch', '--show-current'), commit: ask('rev-parse', 'HEAD') };
}
