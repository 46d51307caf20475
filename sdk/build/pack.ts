import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { endpoints } from '@whetstone/contract';
import { rolldown, type Plugin } from 'rolldown';
import { bundle as jailedJavascript } from '../../sandbox/src/javascript/bundle.ts';
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

/** What the sandbox sends into its jail is made here, once, from packages that the tarball does not bring along. */
const jailWrittenOut: Plugin = {
  name: 'jail-written-out',
  load: (id) =>
    id.endsWith('/sandbox/src/javascript/bundle.ts')
      ? `import { readFileSync } from 'node:fs';
         import { join } from 'node:path';
         const read = (name) => readFileSync(join(import.meta.dirname, 'jail', name));
         export const bundle = () => read('javascript.bin');
         export const bootstrap = () => read('bootstrap.js').toString('utf8');`
      : null,
};

async function bundle(out: string): Promise<Set<string>> {
  const source = (name: string): string => join(workspace, 'src', name);
  const build = await rolldown({
    input: {
      index: source('index.ts'),
      cli: source('cli/main.ts'),
      eval: source('eval/index.ts'),
      vitest: source('vitest/index.ts'),
    },
    platform: 'node',
    external: [/^node:/, 'vitest'],
    plugins: [routesWrittenOut, jailWrittenOut],
    // Vitest's matchers are there by being imported.
    treeshake: { moduleSideEffects: (id) => id.endsWith('/sdk/src/vitest/index.ts') || id.includes('/node_modules/') },
  });
  const { output } = await build.write({ dir: out, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
  await build.close();
  return new Set(output.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : [])));
}

/** The walls around evaluators' code: Python's files as they are, and what runs in Node's jail. */
function layJail(out: string): void {
  const jail = join(out, 'jail');
  cpSync(join(root, 'sandbox/src/jail'), jail, { recursive: true, filter: (name) => !/\.test\.|__pycache__/.test(name) });
  cpSync(join(root, 'sandbox/src/javascript/bootstrap.js'), join(jail, 'bootstrap.js'));
  writeFileSync(join(jail, 'javascript.bin'), jailedJavascript());
}

function declare(out: string): void {
  const typed = join(out, 'typed');
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const config = join(workspace, 'build/tsconfig.json');
  execFileSync(process.execPath, [compiler, '-p', config, '--outDir', typed], { stdio: ['ignore', 2, 2] });
  cpSync(join(typed, 'sdk/src'), join(out, 'types'), { recursive: true });
  rmSync(typed, { recursive: true });
  rmSync(join(out, 'types/cli'), { recursive: true, force: true });
  for (const name of readdirSync(join(out, 'types/eval')).filter((name) => !/^(?:index|definition)\.d\.ts$/.test(name)))
    rmSync(join(out, 'types/eval', name), { recursive: true, force: true });
  for (const name of ['route-table.d.ts', 'routes.d.ts']) rmSync(join(out, 'types/client', name), { force: true });
  for (const file of readdirSync(join(out, 'types'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'))) {
    const path = join(out, 'types', file);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(from |import\()(['"]\.[^'"]*)\.ts(['"])/g, '$1$2.js$3'));
  }
  writeFileSync(join(out, 'types/client/operations.d.ts'), operationsDeclaration());
}

/** Packages whose text is in `jail/javascript.bin`. */
const inTheJail = ['quickjs-emscripten-core', '@jitl/quickjs-ffi-types', '@jitl/quickjs-wasmfile-release-sync', 'acorn'];

/** Licences of the packages that the bundle contains parts of. */
function notices(modules: ReadonlySet<string>): string {
  const folders = new Set(inTheJail.map((name) => join(root, 'node_modules', name)));
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
      sideEffects: ['./vitest.js'],
      exports: {
        '.': { types: './types/index.d.ts', default: './index.js' },
        './eval': { types: './types/eval/index.d.ts', default: './eval.js' },
        './vitest': { types: './types/vitest/index.d.ts', default: './vitest.js' },
      },
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
  layJail(out);
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
