import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runsOf, simulate, suites } from './simulate.ts';
import { keepsBound, printMarkdown, printTable } from './study.ts';

/**
 * `npm run simulate [-- --quick] [-- --markdown] [-- SUITE …]`: prints the table, writes simulate/results/latest.json (for some
 * suites a file that names them), exits 1 when a bound is missed.
 */
const args = process.argv.slice(2);
const quick = args.includes('--quick');
const print = args.includes('--markdown') ? printMarkdown : printTable;
const chosen = args.filter((arg) => !arg.startsWith('--'));
const unknown = chosen.filter((name) => suites[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`There is no suite ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}.\n`);
  process.exit(2);
}

const figures = simulate(chosen, quick, (name) => process.stderr.write(`${name} …\n`));
process.stdout.write(`${print(figures)}\n`);
const missed = figures.filter((figure) => !keepsBound(figure));
process.stdout.write(`${figures.filter(({ bound }) => bound !== undefined).length} bounds, ${missed.length} missed.\n`);
const results = resolve(import.meta.dirname, '../results');
mkdirSync(results, { recursive: true });
const file = chosen.length === 0 ? 'latest.json' : `${chosen.join('-')}.json`;
writeFileSync(join(results, file), `${JSON.stringify({ node: process.version, quick, runs: runsOf(quick), figures }, null, 2)}\n`);
process.exit(missed.length === 0 ? 0 : 1);
