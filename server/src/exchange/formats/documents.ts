import { posix } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { Archive } from '../archive.ts';
import { UnreadableError } from '../unreadable.ts';
import type { Report } from '../report.ts';

/** A record of an archive's file, and its place: `path` or `path:line` or `path#index`. */
export interface Found {
  where: string;
  value: unknown;
}
export type AnyRecord = Record<string, unknown>;

export const isRecord = (value: unknown): value is AnyRecord => typeof value === 'object' && value !== null && !Array.isArray(value);
export const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
export const isLines = (path: string): boolean => /\.(?:jsonl|ndjson)$/i.test(path);
export const isYaml = (path: string): boolean => /\.ya?ml$/i.test(path);

/** As text, as inputs are: what is none is written as JSON. */
export function written(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Records of a JSON, YAML or JSON-lines file: an array gives its elements. What cannot be read is told and left out. */
export async function* recordsOf(archive: Archive, report: Report, path: string): AsyncGenerator<Found> {
  if (isLines(path)) {
    yield* linesOf(archive, report, path);
    return;
  }
  const value = await documentOf(archive, report, path);
  if (value === undefined) return;
  if (!Array.isArray(value)) yield { where: path, value };
  else for (const [index, each] of value.entries()) yield { where: `${path}#${index + 1}`, value: each };
}

async function* linesOf(archive: Archive, report: Report, path: string): AsyncGenerator<Found> {
  let line = 0;
  try {
    for await (const text of archive.lines(path)) {
      line += 1;
      const where = `${path}:${line}`;
      try {
        yield { where, value: JSON.parse(text) as unknown };
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        report.problem(where, 'line', error.message);
      }
    }
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    report.problem(path, 'file', error.message);
  }
}

/** The whole of a JSON or YAML file; undefined when it cannot be read, which is told. */
export async function documentOf(archive: Archive, report: Report, path: string): Promise<unknown> {
  const text = await fileText(archive, report, path);
  if (text === null) return undefined;
  try {
    // Aliases that multiply are bounded; tags make nothing but data.
    return isYaml(path) ? parseYaml(text, { maxAliasCount: 1_000, logLevel: 'error' }) : (JSON.parse(text) as unknown);
  } catch (error) {
    report.problem(path, 'file', error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    return undefined;
  }
}

/** Null when it cannot be read, which is told. */
export async function fileText(archive: Archive, report: Report, path: string): Promise<string | null> {
  try {
    return (await archive.text(path)).replace(/^\uFEFF/, '');
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    report.problem(path, 'file', `${error.message}.`);
    return null;
  }
}

/** Paths that a reference names, as seen from a directory; `*`, `**` and `?` match as in a shell. */
export function matching(archive: Archive, directory: string, reference: string): string[] {
  const path = posix.normalize(posix.join(directory, reference)).replace(/^(?:\.\.?\/)+/, '');
  if (archive.paths.includes(path)) return [path];
  const below = archive.paths.filter((each) => each.startsWith(`${path.replace(/\/$/, '')}/`));
  if (below.length > 0) return below;
  return /[*?]/.test(path) ? archive.paths.filter((each) => posix.matchesGlob(each, path)) : [];
}
