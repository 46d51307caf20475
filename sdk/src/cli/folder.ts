import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { readName } from './formats/index.ts';

/** The directory of files in git. Names are relative to it, with `/`. */
export class Folder {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** Names of all files that stand for a file of the workspace. Hidden folders and node_modules are passed over. */
  list(): string[] {
    if (!existsSync(this.root)) return [];
    const names: string[] = [];
    const walk = (folder: string): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
        const path = join(folder, entry.name);
        if (entry.isDirectory()) walk(path);
        else if (entry.isFile() && readName(entry.name) !== null) names.push(relative(this.root, path).split(sep).join('/'));
      }
    };
    walk(this.root);
    return names.sort((a, b) => (a < b ? -1 : 1));
  }

  /** Text with line ends as the workspace has them; null when there is no such file. */
  read(name: string): string | null {
    const path = this.#path(name);
    return existsSync(path)
      ? readFileSync(path, 'utf8')
          .replace(/^\uFEFF/, '')
          .replaceAll('\r\n', '\n')
      : null;
  }

  /** Replaces the file whole, so that whoever reads it never sees half of it. */
  write(name: string, text: string): void {
    const path = this.#path(name);
    mkdirSync(dirname(path), { recursive: true });
    const part = `${path}.part`;
    writeFileSync(part, text);
    renameSync(part, path);
  }

  remove(name: string): void {
    rmSync(this.#path(name), { force: true });
  }

  /** A name comes from the workspace: it must not lead out of the directory. */
  #path(name: string): string {
    const path = resolve(this.root, name);
    if (!path.startsWith(this.root + sep)) throw new Error(`${name} would lie outside of ${this.root}.`);
    return path;
  }
}
