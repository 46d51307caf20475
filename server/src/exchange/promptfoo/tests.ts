import { posix } from 'node:path';
import { parse } from 'csv-parse/sync';
import { type AnyRecord, fileText, isRecord, matching, recordsOf, textOf, written } from '../formats/documents.ts';
import { whyNot } from '../humanloop/shapes.ts';
import { type Assertion, type Assertions, assertionOf, assertionsOf } from './assertions.ts';
import type { Reading } from './promptfoo.ts';

interface Test {
  where: string;
  vars: AnyRecord;
  assert: Assertion[];
  metadata: AnyRecord;
  description: string | null;
}

/** Lists among the variables multiply a test; more of one than this is a mistake. */
const mostOfOne = 10_000;
const tabular = /\.csv$/i;
const data = /\.(?:ya?ml|jsonl?|ndjson)$/i;

/** Tests and scenarios are the cases of one dataset; what `defaultTest` says is said for each. */
export async function readTests(reading: Reading, assertions: Assertions): Promise<void> {
  const { config, into, base, where } = reading;
  const [defaults = empty(where)] = await testsOf(reading, config['defaultTest'] ?? {}, reading.directory);
  const tests = await testsOf(reading, config['tests'] ?? [], reading.directory);
  const all = tests.map((test) => merged(defaults, test));
  for (const scenario of await scenariosOf(reading)) {
    const cases = await testsOf(reading, scenario['config'] ?? [], reading.directory);
    const below = await testsOf(reading, scenario['tests'] ?? [], reading.directory);
    for (const one of cases) for (const test of below.length > 0 ? below : [empty(where)]) all.push(merged(merged(defaults, one), test));
  }
  if (all.length === 0) return;
  const dataset = into.dataset(`${base}/tests`, where, { description: `Tests of promptfoo’s ${where}` });
  for (const test of all) {
    const unfolded = combinations(test.vars);
    if (unfolded === null) {
      reading.report.problem(test.where, 'test', `Its variables are lists that make more than ${mostOfOne.toLocaleString('en')} cases.`);
      continue;
    }
    for (const vars of unfolded) {
      const inputs = Object.fromEntries(Object.entries(vars).map(([name, value]) => [name, written(value)]));
      const target = assertions.targetOf(test.where, filled(test.assert, inputs));
      if (test.description !== null) target['description'] = test.description;
      if (Object.keys(test.metadata).length > 0) target['metadata'] = test.metadata;
      into.datapoint(dataset, test.where, {
        ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
        ...(Object.keys(target).length > 0 ? { target: target as Record<string, string> } : {}),
      });
    }
  }
}

const empty = (where: string): Test => ({ where, vars: {}, assert: [], metadata: {}, description: null });

function merged(defaults: Test, test: Test): Test {
  return {
    where: test.where,
    vars: { ...defaults.vars, ...test.vars },
    assert: [...defaults.assert, ...test.assert],
    metadata: { ...defaults.metadata, ...test.metadata },
    description: test.description ?? defaults.description,
  };
}

async function scenariosOf(reading: Reading): Promise<AnyRecord[]> {
  const given = reading.config['scenarios'] ?? [];
  const all: AnyRecord[] = [];
  for (const each of Array.isArray(given) ? given : [given]) {
    if (isRecord(each)) all.push(each);
    if (typeof each !== 'string') continue;
    const paths = matching(reading.archive, reading.directory, each.replace(/^file:\/\//, ''));
    if (paths.length === 0) reading.report.problem(reading.where, `scenarios ${each}`, 'The file is not in the export.');
    for (const path of paths)
      for await (const { value } of recordsOf(reading.archive, reading.report, path)) if (isRecord(value)) all.push(value);
  }
  return all;
}

/** A test, a list of them, or files that hold some. */
async function testsOf(reading: Reading, given: unknown, directory: string): Promise<Test[]> {
  const all: Test[] = [];
  for (const each of Array.isArray(given) ? given : [given]) {
    if (isRecord(each) && typeof each['path'] === 'string' && !('vars' in each))
      all.push(...(await testsOfFile(reading, each['path'], directory)));
    else if (isRecord(each)) all.push(await testOf(reading, each, directory, reading.where));
    else if (typeof each === 'string') all.push(...(await testsOfFile(reading, each, directory)));
  }
  return all;
}

async function testsOfFile(reading: Reading, reference: string, directory: string): Promise<Test[]> {
  const { archive, report, where } = reading;
  if (/^(?:https?|huggingface|az|s3|gs):\/\//.test(reference)) {
    report.problem(where, `tests ${reference}`, 'They are kept elsewhere, and nothing is fetched.');
    return [];
  }
  const paths = matching(archive, directory, reference.replace(/^file:\/\//, '').replace(/#.*$/, ''));
  if (paths.length === 0) report.problem(where, `tests ${reference}`, 'The file is not in the export.');
  const all: Test[] = [];
  for (const path of paths) {
    if (tabular.test(path)) all.push(...(await testsOfTable(reading, path)));
    else if (data.test(path)) {
      for await (const { where: place, value } of recordsOf(archive, report, path)) {
        if (isRecord(value)) all.push(await testOf(reading, value, posix.dirname(path), place));
        else if (typeof value === 'string') all.push(...(await testsOfFile({ ...reading, where: path }, value, posix.dirname(path))));
        else report.problem(place, 'test', 'It is no object.');
      }
    } else report.problem(path, 'tests', 'Tests are read from YAML, JSON, JSON lines and CSV; save them as one of these.');
  }
  return all;
}

async function testsOfTable({ archive, report }: Reading, path: string): Promise<Test[]> {
  const text = await fileText(archive, report, path);
  if (text === null) return [];
  try {
    const options = {
      columns: true,
      skip_empty_lines: true,
      relax_column_count: true,
      relax_quotes: true,
      delimiter: [',', '\t'],
    } as const;
    const rows = parse(text, { ...options, delimiter: [...options.delimiter] }) as Record<string, string>[];
    return rows.map((row, index) => testOfRow(row, `${path}:${index + 2}`));
  } catch (error) {
    report.problem(path, 'tests', whyNot(error));
    return [];
  }
}

/** Columns are variables, but for those that begin with two underscores. */
function testOfRow(row: Record<string, string>, where: string): Test {
  const test = empty(where);
  for (const [name, value] of Object.entries(row)) {
    if (/^__expected\d*$/.test(name)) {
      if (value.trim() !== '') test.assert.push(assertionOf(value));
    } else if (name === '__description') test.description = textOf(value);
    else if (name.startsWith('__metadata:')) {
      const key = name.slice('__metadata:'.length);
      test.metadata[key.replace(/\[\]$/, '')] = key.endsWith('[]')
        ? value.split(/(?<!\\),/).map((each) => each.trim().replaceAll('\\,', ','))
        : value;
    } else if (!name.startsWith('__')) test.vars[name] = value;
  }
  return test;
}

async function testOf(reading: Reading, record: AnyRecord, directory: string, where: string): Promise<Test> {
  const { archive, report } = reading;
  const given = record['vars'];
  let vars: AnyRecord = isRecord(given) ? { ...given } : {};
  for (const file of typeof given === 'string' ? [given] : Array.isArray(given) ? given.map(String) : []) {
    for (const path of matching(archive, directory, file.replace(/^file:\/\//, '')))
      for await (const { value } of recordsOf(archive, report, path)) if (isRecord(value)) vars = { ...vars, ...value };
  }
  for (const [name, value] of Object.entries(vars)) {
    if (typeof value !== 'string' || !value.startsWith('file://')) continue;
    const [path, ...others] = matching(archive, directory, value.slice('file://'.length));
    if (path === undefined || others.length > 0 || !/\.(?:txt|md|json|ya?ml|csv|html|xml)$/.test(path))
      report.problem(
        where,
        `variable ${name}`,
        `\`${value}\` is ${path === undefined ? 'not in the export' : 'no text'}; its name stands in its place.`,
      );
    else vars[name] = (await fileText(archive, report, path)) ?? value;
  }
  return {
    where,
    vars,
    assert: assertionsOf(record['assert']),
    metadata: isRecord(record['metadata']) ? record['metadata'] : {},
    description: textOf(record['description']),
  };
}

/** A list of values is as many tests; of several lists, each with each. Null for too many. */
function combinations(vars: AnyRecord): AnyRecord[] | null {
  let all: AnyRecord[] = [{}];
  for (const [name, value] of Object.entries(vars)) {
    const values =
      Array.isArray(value) && value.length > 0 && value.every((each) => !isRecord(each) && !Array.isArray(each)) ? value : [value];
    if (all.length * values.length > mostOfOne) return null;
    all = all.flatMap((one) => values.map((each) => ({ ...one, [name]: each as unknown })));
  }
  return all;
}

/** Assertions may name variables of their test. */
function filled(assert: readonly Assertion[], inputs: Record<string, string>): Assertion[] {
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string')
      return value.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => (Object.hasOwn(inputs, name) ? (inputs[name] ?? '') : whole));
    return Array.isArray(value) ? value.map(fill) : value;
  };
  return assert.map((each) => ({ ...each, ...('value' in each ? { value: fill(each.value) } : {}) }));
}
