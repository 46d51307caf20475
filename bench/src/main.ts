import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { benchAssign } from './assign.ts';
import { benchEvaluate } from './evaluate.ts';
import { benchExperiment } from './experiment.ts';
import { benchFeedback } from './feedback.ts';
import { benchGateway } from './gateway.ts';
import { benchShapes } from './gateway-shapes.ts';
import { benchImport } from './import.ts';
import { benchIntake } from './intake.ts';
import { benchMonitor } from './monitor.ts';
import { benchOtlp } from './otlp.ts';
import { benchReads, benchStart } from './reads.ts';
import { benchReport } from './report-page.ts';
import { benchSandbox } from './sandbox.ts';
import { type Figure, keepsBound, printTable } from './report.ts';

/** `npm run bench [-- --quick] [-- SUITE …]`: prints the table, writes bench/results/latest.json, exits 1 when a bound is missed. */
const suites: Record<string, (quick: boolean) => Promise<Figure[]>> = {
  gateway: benchGateway,
  shapes: benchShapes,
  intake: benchIntake,
  import: benchImport,
  otlp: benchOtlp,
  reads: benchReads,
  start: benchStart,
  sandbox: benchSandbox,
  monitor: benchMonitor,
  evaluate: benchEvaluate,
  report: benchReport,
  assign: benchAssign,
  experiment: benchExperiment,
  feedback: benchFeedback,
};

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const chosen = args.filter((arg) => !arg.startsWith('--'));
const unknown = chosen.filter((name) => suites[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`There is no suite ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}.\n`);
  process.exit(2);
}

const figures: Figure[] = [];
for (const [name, run] of Object.entries(suites)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  figures.push(...(await run(quick)));
}
process.stdout.write(`${printTable(figures)}\n`);
const results = resolve(import.meta.dirname, '../results');
mkdirSync(results, { recursive: true });
writeFileSync(join(results, 'latest.json'), `${JSON.stringify({ node: process.version, quick, figures }, null, 2)}\n`);
const missed = figures.filter((figure) => !keepsBound(figure));
process.exit(missed.length === 0 ? 0 : 1);
