import { posix } from 'node:path';
import type { Archive } from '../archive.ts';
import { type Arriving, segmentOf } from '../formats/arriving.ts';
import type { Format } from '../formats/carry.ts';
import { type AnyRecord, documentOf, isRecord, isYaml, textOf } from '../formats/documents.ts';
import type { Report } from '../report.ts';
import { Assertions } from './assertions.ts';
import { readPrompts } from './prompts.ts';
import { readProviders } from './providers.ts';
import { readTests } from './tests.ts';

/** A configuration and where it lies: what it names is named as seen from its directory. */
export interface Reading {
  archive: Archive;
  into: Arriving;
  report: Report;
  config: AnyRecord;
  /** Path of the configuration. */
  where: string;
  directory: string;
  /** Directory of the workspace for what it has. */
  base: string;
}

const usual = /^promptfooconfig[^/]*\.(?:ya?ml|json)$/;
const programs = /^promptfooconfig[^/]*\.(?:[cm]?[jt]s|py)$/;
const keys = ['prompts', 'providers', 'targets', 'tests', 'scenarios', 'defaultTest'];

/**
 * Configurations of promptfoo and the files that they name: prompts, providers as versions of these, tests and scenarios as a
 * dataset, assertions as evaluators. Source: promptfoo/promptfoo site/docs/configuration (reference, prompts, test-cases,
 * scenarios, expected-outputs) and `assertionFromString`.
 */
export const promptfoo: Format = {
  expected: 'Pack the directory of a `promptfooconfig.yaml` with the files that it names.',
  async read(archive, into, report, signal) {
    const named = archive.paths.filter((path) => usual.test(posix.basename(path)));
    const candidates = named.length > 0 ? named : archive.paths.filter((path) => isYaml(path) || path.endsWith('.json'));
    let found = 0;
    for (const where of candidates) {
      signal.throwIfAborted();
      const config = await documentOf(archive, report, where);
      if (!isRecord(config) || (named.length === 0 && !looksRight(config))) continue;
      found += 1;
      const directory = posix.dirname(where) === '.' ? '' : posix.dirname(where);
      await readConfig({ archive, into, report, config, where, directory, base: nameOf(config, where, directory) });
    }
    for (const where of archive.paths.filter((path) => programs.test(posix.basename(path))))
      report.problem(where, 'configuration', 'It is a program, which is not run; write it as YAML.');
    return found > 0;
  },
};

const looksRight = (config: AnyRecord): boolean => keys.filter((key) => key in config).length >= 2;

function nameOf(config: AnyRecord, where: string, directory: string): string {
  const described = textOf(config['description'])?.split('\n')[0] ?? '';
  const file = posix
    .basename(where)
    .replace(/\.[^.]+$/, '')
    .replace(/^promptfooconfig[-_.]?/, '');
  return segmentOf(described.length <= 80 ? described : '') || segmentOf(file || posix.basename(directory)) || 'promptfoo';
}

async function readConfig(reading: Reading): Promise<void> {
  const { report, config, where } = reading;
  const providers = await readProviders(reading);
  await readPrompts(reading, providers);
  const assertions = new Assertions(reading);
  await readTests(reading, assertions);
  assertions.arrive();
  if (isRecord(config['nunjucksFilters']))
    report.problem(where, 'nunjucksFilters', 'Filters of its own are programs; prompts that use them do not render.');
  if (isRecord(config['redteam'])) report.problem(where, 'redteam', 'Attacks are made by promptfoo and have no counterpart.');
}
