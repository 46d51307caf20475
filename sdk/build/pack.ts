import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { endpoints } from '@whetstone/contract';
import { rolldown, type Plugin } from 'rolldown';
import { routesOf } from '../src/client/route-table.ts';
import { operationsDeclaration } from './declarations.ts';

/**
 * The package as it is published: JavaScript for Node 20 that depends on nothing, and types that need nothing else.
 * `node sdk/build/pack.ts [DIR]` leaves the tarball in DIR (sdk/dist) and prints its name.
 */

const workspace = resolve(import.meta.dirname, '..');
const root = resolve(workspace, '..');

/** The table of routes written out, so that the schemas that validate on the server are no part of the package. */
const routesWrittenOut: Plugin = {
  name: 'routes-written-out',
  load: (id) => (id.endsWith('/src/client/routes.ts') ? `export const routes = ${JSON.stringify(routesOf(endpoints))};` : null),
};

async function bundle(out: string): Promise<Set<string>> {
  const build = await rolldown({
    input: { index: join(workspace, 'src/index.ts'), cli: join(workspace, 'src/cli/main.ts') },
    platform: 'node',
    external: /^node:/,
    plugins: [routesWrittenOut],
    treeshake: { moduleSideEffects: false },
  });
  const { output } = await build.write({ dir: out, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
  await build.close();
  return new Set(output.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : [])));
}

function declare(out: string): void {
  const typed = join(out, 'typed');
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const config = join(workspace, 'build/tsconfig.json');
  execFileSync(process.execPath, [compiler, '-p', config, '--outDir', typed], { stdio: ['ignore', 2, 2] });
  cpSync(join(typed, 'sdk/src'), join(out, 'types'), { recursive: true });
  rmSync(typed, { recursive: true });
  rmSync(join(out, 'types/cli'), { recursive: true, force: true });
  for (const name of ['route-table.d.ts', 'routes.d.ts']) rmSync(join(out, 'types/client', name), { force: true });
  for (const file of readdirSync(join(out, 'types'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'))) {
    const path = join(out, 'types', file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(from |import\()(['"]\.[^'"]*)\.ts(['"])/g, '$1$2.js$3'));
  }
  writeFileSync(join(out, 'types/client/operations.d.ts'), operationsDeclaration());
}

/** Licences of the packages that the bundle contains parts of. */
function notices(modules: ReadonlySet<string>): string {
  const folders = new Set<string>();
  for (const id of modules) {
    const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll('\\', '/'))?.[1];
    if (found !== undefined) folders.add(found);
  }
  const parts = [...folders]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), 'utf8').trim();
      return `## ${name} ${version}\n\n${text}\n`;
    });
  return `# Parts of other packages in this one\n\n${parts.join('\n')}`;
}

function manifest(): string {
  const { name, version, description, license } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  return `${JSON.stringify(
    {
      name,
      version,
      description,
      license,
      type: 'module',
      sideEffects: false,
      exports: { '.': { types: './types/index.d.ts', default: './index.js' } },
      types: './types/index.d.ts',
      bin: { whetstone: './cli.js' },
      engines: { node: '>=20.16' },
    },
    null,
    2,
  )}\n`;
}

async function pack(target: string): Promise<string> {
  const out = join(target, 'package');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const modules = await bundle(out);
  declare(out);
  chmodSync(join(out, 'cli.js'), 0o755);
  writeFileSync(join(out, 'package.json'), manifest());
  writeFileSync(join(out, 'THIRD-PARTY-NOTICES.md'), notices(modules));
  cpSync(join(root, 'LICENSE'), join(out, 'LICENSE'));
  cpSync(join(workspace, 'README.md'), join(out, 'README.md'));
  const npm = npmCommand();
  const printed = execFileSync(npm[0], [...npm.slice(1), 'pack', '--json', '--ignore-scripts', '--pack-destination', target], {
    cwd: out,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ filename }] = JSON.parse(printed) as [{ filename: string }];
  return join(target, filename);
}

/** npm beside the Node that runs, or the one on the path. */
function npmCommand(): [string, ...string[]] {
  const beside = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  return existsSync(beside) ? [process.execPath, beside] : ['npm'];
}

process.stdout.write(`${await pack(resolve(process.argv[2] ?? join(workspace, 'dist')))}\n`);
