import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * The package as it is published: JavaScript and types, file by file as the source, that depend on nothing.
 * `node statistics/build/pack.ts [DIR]` leaves the tarball in DIR (statistics/dist) and prints its name.
 */
const workspace = resolve(import.meta.dirname, '..');
const root = resolve(workspace, '..');

function manifest(): string {
  const given = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as Record<string, string>;
  const published = {
    name: given['name'],
    version: given['version'],
    description: given['description'],
    license: given['license'],
    type: 'module',
    sideEffects: false,
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    types: './index.d.ts',
    engines: { node: '>=20' },
  };
  return `${JSON.stringify(published, null, 2)}\n`;
}

function pack(target: string): string {
  const out = join(target, 'package');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(workspace, 'build/tsconfig.json'), '--outDir', out], { stdio: ['ignore', 2, 2] });
  // Compilers of today resolve `.ts` in declarations, those of yesterday want the name of the file that is there.
  for (const file of readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'))) {
    const path = join(out, file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(from |import\()(['"]\.[^'"]*)\.ts(['"])/g, '$1$2.js$3'));
  }
  writeFileSync(join(out, 'package.json'), manifest());
  for (const name of ['LICENSE', 'statistics/README.md']) cpSync(join(root, name), join(out, name.slice(name.lastIndexOf('/') + 1)));
  const beside = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  const [command, ...first] = existsSync(beside) ? [process.execPath, beside] : ['npm'];
  const printed = execFileSync(command, [...first, 'pack', '--json', '--ignore-scripts', '--pack-destination', target], {
    cwd: out,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename }] = JSON.parse(printed) as [{ filename: string }];
  return join(target, filename);
}

process.stdout.write(`${pack(resolve(process.argv[2] ?? join(workspace, 'dist')))}\n`);
