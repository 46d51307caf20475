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

/** @param {boolean} held whether what it says waits for its end, where several run at once */
function run(command, args, held = false) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', held ? 'pipe' : 'inherit', held ? 'pipe' : 'inherit'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (said += text));
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on('close', (code) => {
      process.stdout.write(said);
      resolve(code ?? 1);
    });
  });
}

/**
 * Two at once: the linter's types take as long as all others together, and more would not fit into a small machine's memory.
 * @type {[string, string, string[]][][]}
 */
const lanes = [
  [['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']]],
  [
    ['format', bin('oxfmt'), ['--check']],
    ['types', bin('tsc'), ['-p', 'tsconfig.json']],
    ['types of the web app', bin('tsc'), ['-p', 'web/tsconfig.json']],
    ['nothing unused', bin('knip'), ['--no-progress']],
  ],
];
const only = process.argv.slice(2);
const check = async (lane) => {
  for (const [name, command, args] of lane) {
    const code = await run(command, args, true);
    process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'}: ${name}\n`);
    counts[code === 0 ? 'passed' : 'failed'] += 1;
  }
};
if (only.length === 0) await Promise.all(lanes.map(check));

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
      // It says why it failed before it passed.
      else if (test.status === 'passed' && test.failureMessages.length > 0)
        process.stdout.write(`passed only when tried again, to be mended: ${test.fullName}\n${test.failureMessages[0]}\n`);
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
