// Every check of the repository, then one closing line `N passed, N failed, N skipped`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const node = process.execPath;
const bin = (name) => join('node_modules', '.bin', name);
const folder = mkdtempSync(join(tmpdir(), 'whetstone-test-report-'));
const report = join(folder, 'vitest.json');
const counts = { passed: 0, failed: 0, skipped: 0 };

function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** @type {[string, string, string[]][]} */
const checks = [
  ['format', bin('oxfmt'), ['--check']],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['types of the web app', bin('tsc'), ['-p', 'web/tsconfig.json']],
  ['nothing unused', bin('knip'), ['--no-progress']],
];
const only = process.argv.slice(2);
if (only.length === 0) {
  for (const [name, command, args] of checks) {
    const code = await run(command, args);
    process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'}: ${name}\n`);
    counts[code === 0 ? 'passed' : 'failed'] += 1;
  }
}

const code = await run(node, [
  join('node_modules', 'vitest', 'vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...only,
]);
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  counts.passed += result.numPassedTests;
  counts.failed += result.numFailedTests;
  counts.skipped += result.numPendingTests + (result.numTodoTests ?? 0);
  // A file that does not load has no tests to fail, but it has failed.
  counts.failed += result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  for (const file of result.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'pending' || test.status === 'skipped') process.stdout.write(`skipped: ${test.fullName}\n`);
    }
  }
} catch (error) {
  process.stderr.write(`The test runner left no report: ${error.message}\n`);
  counts.failed += 1;
}
rmSync(folder, { recursive: true, force: true });
if (code !== 0 && counts.failed === 0) counts.failed += 1;

process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
const failOnSkip = process.env['WHETSTONE_TEST_NO_SKIP'] === '1';
process.exit(counts.failed > 0 || counts.passed === 0 || (failOnSkip && counts.skipped > 0) ? 1 : 0);
