import type { Datapoint, EvaluatorSpec } from '@whetstone/contract';
import { posix } from 'node:path';
import { type AnyRecord, documentOf, isRecord, isYaml, recordsOf, textOf, written } from '../formats/documents.ts';
import { type ArrivingDataset, nameOfFile } from '../formats/arriving.ts';
import { llmEvaluator, pythonEvaluator } from '../formats/judges.ts';
import { messagesOf, placeholderModel } from '../formats/prompt-kernel.ts';
import type { Reading, Row } from './openai.ts';

/**
 * The registry of openai/evals: `evals/*.yaml` names evals, `NAME.SPLIT.VERSION` with a class and its arguments; samples are
 * JSON lines with `input`, chat or text, and mostly `ideal`; `modelgraded/*.yaml` are prompts of judges.
 * @returns the paths that it took, and whether there was one
 */
export async function readRegistry(reading: Reading, signal: AbortSignal): Promise<{ paths: Set<string>; found: boolean }> {
  const { archive, report, into } = reading;
  const paths = new Set<string>();
  const evals: { where: string; name: string; spec: AnyRecord }[] = [];
  const judges = new Map<string, AnyRecord>();
  for (const path of archive.paths.filter((each) => isYaml(each))) {
    signal.throwIfAborted();
    const document = await documentOf(archive, report, path);
    paths.add(path);
    if (!isRecord(document)) continue;
    for (const [name, spec] of Object.entries(document)) {
      if (!isRecord(spec)) continue;
      if (typeof spec['class'] === 'string' && isRecord(spec['args'])) evals.push({ where: path, name, spec });
      if (typeof spec['prompt'] === 'string' && spec['choice_strings'] !== undefined) judges.set(name, spec);
    }
  }
  for (const { where, name, spec } of evals) {
    const args = spec['args'] as AnyRecord;
    const base = `evals/${name}`;
    report.found('evaluations');
    const wanted = textOf(args['samples_jsonl']);
    const samples = wanted === null ? null : pathOfSamples(archive.paths, wanted);
    if (samples === null)
      report.problem(where, `samples of ${name}`, wanted === null ? 'It names none.' : `\`${wanted}\` is not in the export.`);
    else {
      paths.add(samples);
      const dataset = into.dataset(`${base}/cases`, samples, { attributes: { openai_eval: { name, ...spec } } });
      for await (const { where: place, value } of recordsOf(archive, report, samples)) {
        if (isRecord(value)) into.datapoint(dataset, place, sampleOf(value));
        else report.problem(place, 'sample', 'It is no object.');
      }
    }
    const judge = judgeOf(String(spec['class']), args, judges);
    if (typeof judge === 'string') report.problem(where, `evaluator of ${name}`, judge);
    else into.evaluator(`${base}/judge`, where, judge);
  }
  return { paths, found: evals.length > 0 };
}

/** A path below `registry/data`, or as it is written. */
function pathOfSamples(paths: readonly string[], wanted: string): string | null {
  const tail = `/${posix.normalize(wanted).replace(/^\/+/, '')}`;
  return (
    paths.find((path) => `/${path}` === tail) ??
    paths.find((path) => `/${path}`.endsWith(`/data${tail}`)) ??
    paths.find((path) => path.endsWith(tail)) ??
    null
  );
}

/** `input` is what the model is told, `ideal` one answer or several; other keys are what judges read. */
function sampleOf(sample: AnyRecord): Datapoint {
  const { input, ideal, ...rest } = sample;
  const messages = messagesOf(input);
  const inputs = Object.fromEntries(Object.entries(rest).flatMap(([name, value]) => (value === null ? [] : [[name, written(value)]])));
  if (messages === null && input !== undefined && input !== null) inputs['input'] = written(input);
  return {
    ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
    ...(messages === null ? {} : { messages }),
    ...(ideal === undefined || ideal === null ? {} : { target: { ideal: ideal as string | unknown[] } }),
  };
}

/** `any` over the ideals, as `evals/elsuite/basic` has it. */
const basic: Record<string, string | undefined> = {
  Match: 'output.startswith(ideal)',
  Includes: 'ideal in output',
  IncludesIgnoringCase: 'ideal.lower() in output.lower()',
  FuzzyMatch: 'bool(output and ideal) and (words(output) in words(ideal) or words(ideal) in words(output)) or output == ideal',
};

const comparing = (test: string): string => `import re
import string


def words(text):
    """Lower case, without punctuation, articles and spare blanks."""
    kept = "".join(char for char in text.lower() if char not in string.punctuation)
    return " ".join(re.sub(r"\\b(a|an|the)\\b", " ", kept).split())


def evaluate(log, testcase):
    output = (log.get("output") or "").strip()
    ideals = ((testcase or {}).get("target") or {}).get("ideal", [])
    ideals = ideals if isinstance(ideals, list) else [ideals]
    return any(${test} for ideal in map(str, ideals))
`;

function judgeOf(className: string, args: AnyRecord, judges: ReadonlyMap<string, AnyRecord>): EvaluatorSpec | string {
  const name = className.split(':').at(-1) ?? '';
  const ignoring = name === 'Includes' && args['ignore_case'] === true ? 'IncludesIgnoringCase' : name;
  const test = basic[ignoring];
  if (test !== undefined) return pythonEvaluator(comparing(test), { openai_eval: { class: className, args } });
  if (name !== 'ModelBasedClassify') return `\`${className}\` is a program of its own; write it as a code evaluator.`;
  const spec = judges.get(textOf(args['modelgraded_spec']) ?? '');
  if (spec === undefined) return `Its prompt \`${String(args['modelgraded_spec'])}\` (registry/modelgraded) is not in the export.`;
  const choices = spec['choice_strings'];
  const labels = typeof choices === 'string' ? Array.from(choices) : Array.isArray(choices) ? choices.map((each) => String(each)) : [];
  const scores = isRecord(spec['choice_scores']) ? spec['choice_scores'] : {};
  const best = Math.max(...labels.map((label) => Number(scores[label] ?? 0)));
  const outputs = isRecord(spec['input_outputs']) ? Object.values(spec['input_outputs']) : ['completion'];
  if (outputs.length > 1) return 'It compares two answers; an evaluator judges one.';
  const text = String(spec['prompt']).replace(/(?<!\{)\{(\w+)\}(?!\})/g, (_, key: string) => placeOf(key, String(outputs[0]), args));
  const instruction = `Reason step by step, then answer on a line of its own with one of: ${labels.join(', ')}.`;
  return llmEvaluator({
    model: placeholderModel,
    messages: [{ role: 'user', content: `${text.trimEnd()}\n\n${instruction}` }],
    attributes: { openai_eval: { class: className, args, spec } },
    returns: { labels, good: Object.keys(scores).length === 0 ? [] : labels.filter((label) => Number(scores[label] ?? 0) === best) },
  });
}

/** The completion is the judged output, the input what led to it; what the eval's arguments give stands in the text. */
function placeOf(key: string, output: string, args: AnyRecord): string {
  if (key === output) return '{{log.output}}';
  if (key === 'input') return '{{log.messages}}';
  if (key === 'ideal') return '{{testcase.target.ideal}}';
  const given = isRecord(args['args']) ? args['args'] : args;
  return typeof given[key] === 'string' ? given[key] : `{{log.inputs.${key}}}`;
}

/** Samples that no eval of the export names. */
export const sampleRows: readonly Row[] = [
  {
    recognises: (record) => 'input' in record && ('ideal' in record || messagesOf(record['input']) !== null),
    read: (record, where, { into }) => {
      const path = where.replace(/[:#]\d+$/, '');
      const dataset: ArrivingDataset = into.dataset(`evals/${nameOfFile(path)}`, path);
      into.datapoint(dataset, where, sampleOf(record));
    },
  },
];
