import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './usage.ts';

/** What both sides last agreed on: by file name the version and the text that stood here for it. Belongs into git. */
export interface Base {
  id: string;
  version: string;
  /** SHA-256 of the text in the directory when it was the version. */
  text: string;
}
export type State = Map<string, Base>;

const fileName = '.whetstone.json';

export function readState(directory: string): State {
  const file = join(directory, fileName);
  if (!existsSync(file)) return new Map();
  try {
    const { files } = JSON.parse(readFileSync(file, 'utf8')) as { files: Record<string, Base> };
    return new Map(Object.entries(files));
  } catch {
    throw new UsageError(
      `${file} cannot be read. If git left a conflict in it, solve that; or remove it: files that are the same on both sides are found again.`,
    );
  }
}

/** One line a file, in order, so that git merges it as it merges the files. */
export function writeState(directory: string, state: State): void {
  const lines = [...state]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, base]) => `    ${JSON.stringify(name)}: ${JSON.stringify(base)}`);
  const text = `{\n  "about": "What this directory and the workspace last agreed on. Written by whetstone pull and push; commit it.",\n  "files": {\n${lines.join(',\n')}\n  }\n}\n`;
  mkdirSync(directory, { recursive: true });
  const part = join(directory, `${fileName}.part`);
  writeFileSync(part, text);
  renameSync(part, join(directory, fileName));
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
