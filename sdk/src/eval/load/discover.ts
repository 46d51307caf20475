import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CannotMeasure } from '../plan.ts';

const isEvalFile = /\.eval\.(?:ts|mts|js|mjs|ya?ml)$/;
const passedOver = new Set(['node_modules', 'dist', 'build', 'out', 'coverage', 'vendor']);
const deepest = 12;

/** Files that say evaluations: the named ones, those below named directories, or without names all below `here`. */
export function evalFiles(here: string, named: readonly string[]): { files: string[]; names: string[] } {
  if (named.length === 0) return { files: below(here, 0), names: [] };
  const files = new Set<string>();
  const names: string[] = [];
  for (const name of named) {
    const path = resolve(here, name);
    if (existsSync(path) && statSync(path).isDirectory()) for (const file of below(path, 0)) files.add(file);
    else if (existsSync(path)) files.add(readable(path));
    else if (isEvalFile.test(name) || /[\\/].*\.\w+$/.test(name)) throw new CannotMeasure(`There is no file ${name}.`);
    else names.push(name);
  }
  return { files: [...files], names };
}

function readable(path: string): string {
  if (isEvalFile.test(path)) return path;
  throw new CannotMeasure(`${path} is no evaluation: its name ends with .eval.ts, .eval.js, .eval.mjs or .eval.yaml.`);
}

function below(folder: string, depth: number): string[] {
  if (depth > deepest) return [];
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isFile() && isEvalFile.test(entry.name)) found.push(path);
    else if (entry.isDirectory() && !entry.name.startsWith('.') && !passedOver.has(entry.name)) found.push(...below(path, depth + 1));
  }
  return found;
}
