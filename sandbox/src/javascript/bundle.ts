import { readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { sized } from '../frames.ts';

/**
 * What a jailed Node runs, read here and sent through its first pipe, because in there no file can be opened: QuickJS, a parser,
 * the runner. `program` replaces the runner, for tests that break the inner layer.
 */
export function bundle(program?: string): Buffer {
  const require = createRequire(import.meta.url);
  const text = (name: string): string => readFileSync(require.resolve(name), 'utf8');
  const variant = dirname(require.resolve('@jitl/quickjs-wasmfile-release-sync'));
  const sources = {
    'quickjs-emscripten-core': text('quickjs-emscripten-core'),
    '@jitl/quickjs-ffi-types': readFileSync(
      createRequire(require.resolve('quickjs-emscripten-core')).resolve('@jitl/quickjs-ffi-types'),
      'utf8',
    ),
    '@jitl/quickjs-wasmfile-release-sync': text('@jitl/quickjs-wasmfile-release-sync'),
    '@jitl/quickjs-wasmfile-release-sync/emscripten-module': readFileSync(join(variant, 'emscripten-module.cjs'), 'utf8'),
    acorn: text('acorn'),
    runner: program ?? runner(),
  };
  const wasm = readFileSync(join(variant, 'emscripten-module.wasm'));
  return Buffer.concat([sized(Buffer.from(JSON.stringify(sources))), sized(wasm)]);
}

export const bootstrap = (): string => readFileSync(join(import.meta.dirname, 'bootstrap.js'), 'utf8');

/** Files of the runner, each after those that it imports. */
const files = ['pipes.ts', 'program.ts', 'realm.ts', 'runner.ts'];

function runner(): string {
  const read = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8').replace(/^export /gm, '');
  const texts = files.map((name) => withoutTypes(read(name).replace(/^import [^;]*;$/gm, '')));
  const quoted = ['prelude', 'extras'].map((name) => `const ${name} = ${JSON.stringify(`(${read(`${name}.js`)})`)};`);
  return [...quoted, ...texts].join('\n');
}

function withoutTypes(text: string): string {
  const emitWarning = process.emitWarning.bind(process);
  // That it may change is no news to whoever runs the product.
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}
