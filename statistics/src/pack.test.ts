import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** The tarball as somebody gets it: in a project that has nothing else, without a network. */
describe('the package', { timeout: 300_000 }, () => {
  let project: string;
  const installed = (name: string) => join(project, 'node_modules/@whetstone/statistics', name);

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'whetstone-statistics-pack-'));
    const tarball = execFileSync(process.execPath, [join(root, 'statistics/build/pack.ts'), project], { encoding: 'utf8' }).trim();
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'plain', private: true, type: 'module' }));
    execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: project, stdio: 'ignore' });
  }, 300_000);
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it('depends on nothing and says what it is', () => {
    const manifest = JSON.parse(readFileSync(installed('package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest['dependencies']).toBeUndefined();
    expect(manifest['license']).toBe('Apache-2.0');
    expect(readdirSync(join(project, 'node_modules'))).toEqual(expect.not.arrayContaining(['typescript']));
    expect(readdirSync(installed('.'))).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'index.js', 'index.d.ts']));
  });

  it('runs', () => {
    const program = `import { wilson, compareCases, verdictInWords } from '@whetstone/statistics';
      const a = Array.from({ length: 100 }, (_, i) => [i < 60 ? 1 : 0]);
      const b = Array.from({ length: 100 }, (_, i) => [i < 90 ? 1 : 0]);
      const options = { range: [0, 1], higherIsBetter: true, margin: 0.05 };
      const words = { a: 'v1', b: 'v2', format: (d) => (100 * d).toFixed(1) + ' points', bare: (d) => (100 * d).toFixed(1) };
      console.log(verdictInWords({ ...options, ...compareCases(a, b, options) }, words), wilson(7, 20).lower.toFixed(6));`;
    writeFileSync(join(project, 'program.js'), program);
    const printed = execFileSync(process.execPath, ['program.js'], { cwd: project, encoding: 'utf8' });
    expect(printed.trim()).toBe('v2 is better by 21.9 to 39.6 points. 0.181192');
  });

  it('has types that need nothing else', () => {
    writeFileSync(
      join(project, 'typed.ts'),
      `import { wilson, type Estimate } from '@whetstone/statistics';
       export const rate: Estimate = wilson(7, 20);
       // @ts-expect-error a count is a number
       wilson('7', 20);`,
    );
    const options = {
      strict: true,
      module: 'nodenext',
      moduleResolution: 'nodenext',
      target: 'es2022',
      lib: ['es2023'],
      types: [],
      noEmit: true,
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['typed.ts'] }));
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    expect(() => execFileSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8', stdio: 'pipe' })).not.toThrow();
  });
});
