import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseDocument } from 'yaml';
import { type EvaluationGiven, type Registered, takeDeclared } from '../definition.ts';
import { CannotMeasure, type Plan, type Task } from '../plan.ts';
import { casesOf, referenceOf } from './data.ts';
import { scorersOf } from './scorers.ts';
import { taskOf } from './task.ts';
import { givenOfYaml } from './yaml.ts';

/** The evaluations that a file says. @throws CannotMeasure with the file and what is wrong in it */
export async function loadPlans(file: string): Promise<Plan[]> {
  try {
    const said = /\.ya?ml$/.test(file) ? readYaml(file) : await importModule(file);
    if (said.length === 0) throw new CannotMeasure('it declares no evaluation: call evaluate(name, { data, task, scores })');
    return await Promise.all(said.map((one) => planOf(one, file)));
  } catch (error) {
    if (error instanceof CannotMeasure) throw new CannotMeasure(`${file}: ${error.message}`);
    throw error;
  }
}

async function importModule(file: string): Promise<Registered[]> {
  takeDeclared();
  try {
    await import(pathToFileURL(file).href);
  } catch (error) {
    const { code, message, stack = '' } = error as NodeJS.ErrnoException;
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new CannotMeasure(
        `Node ${process.versions.node} cannot read TypeScript. Use Node 22.18 or later, or write the file as .eval.mjs.`,
      );
    const at = stack.split('\n').find((line) => line.includes(file));
    throw new CannotMeasure(`it cannot be loaded: ${message}${at === undefined ? '' : ` (${at.trim()})`}`);
  }
  return takeDeclared();
}

function readYaml(file: string): Registered[] {
  const document = parseDocument(readFileSync(file, 'utf8'), { version: '1.2', prettyErrors: true, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) throw new CannotMeasure(`not valid YAML: ${error.message}`);
  return givenOfYaml(document.toJS({ maxAliasCount: 100 }));
}

async function planOf({ name, given }: Registered, file: string): Promise<Plan> {
  const directory = dirname(file);
  const at = { name, directory };
  const wrong = (message: string): CannotMeasure => new CannotMeasure(`“${name}”: ${message}`);
  try {
    const { scorers, files: ofScorers } = await scorersOf(given.scores, at);
    const { task, files: ofTask } = taskOf(given.task, at);
    const names = scorers.map((scorer) => scorer.name);
    const primary = given.primary ?? names[0] ?? '';
    if (!names.includes(primary)) throw wrong(`\`primary\` names the score \`${primary}\`, which is not among ${names.join(', ')}`);
    checkNumbers(given, names, wrong);
    const dataset = typeof given.data === 'string' && given.data.startsWith('dataset:') ? referenceOf(given.data.slice(8)) : null;
    const { cases, files: ofData } = casesOf(given.data, directory);
    return {
      name,
      file,
      cases,
      dataset,
      task,
      scorers,
      repetitions: given.repetitions ?? 1,
      primary,
      margin: given.margin ?? null,
      rules: given.rules ?? {},
      path: given.path ?? `evaluations/${slug(name)}`,
      sources: [file, ...ofScorers, ...ofTask, ...ofData],
      watched: [
        file,
        ...ofScorers,
        ...ofTask,
        ...ofData,
        ...pulledPrompt(task),
        ...(given.watch ?? []).map((name) => resolve(directory, name)),
      ],
    };
  } catch (error) {
    if (error instanceof CannotMeasure && !error.message.startsWith('“')) throw wrong(error.message);
    throw error;
  }
}

function checkNumbers(given: EvaluationGiven, names: readonly string[], wrong: (message: string) => CannotMeasure): void {
  const { repetitions = 1, margin = 1, rules = {} } = given;
  if (!Number.isInteger(repetitions) || repetitions < 1 || repetitions > 100)
    throw wrong(`\`repetitions\` is a whole number from 1 to 100, not ${String(repetitions)}`);
  if (typeof margin !== 'number' || !(margin > 0)) throw wrong(`\`margin\` is a number above 0, not ${String(margin)}`);
  for (const [name, rule] of Object.entries(rules)) {
    if (!names.includes(name)) throw wrong(`\`rules\` names the score \`${name}\`, which is not among ${names.join(', ')}`);
    const unknown = Object.keys(rule).find((key) => key !== 'atLeast' && key !== 'atMost');
    if (unknown !== undefined) throw wrong(`a rule says \`atLeast\` or \`atMost\`, not \`${unknown}\``);
    for (const limit of Object.values(rule)) if (typeof limit !== 'number') throw wrong(`the rule of \`${name}\` is no number`);
  }
}

/** A prompt of the workspace may have been pulled: then its text is here. */
function pulledPrompt(task: Task): string[] {
  return task.kind === 'prompt' ? [resolve(process.env['WHETSTONE_DIR'] ?? 'whetstone', `${task.path}.prompt`)] : [];
}

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '') || 'evaluation';
