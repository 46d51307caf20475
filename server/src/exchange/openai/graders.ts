import type { ChatMessage, EvaluatorSpec } from '@whetstone/contract';
import { isRecord, textOf, type AnyRecord } from '../formats/documents.ts';
import { llmEvaluator, pythonEvaluator, pythonText } from '../formats/judges.ts';
import { mapTexts, messagesOf, placeholderModel } from '../formats/prompt-kernel.ts';

const itemField = /\{\{\s*item\.([\w]+)/g;

/** Fields of a case that a template names, by their first part. */
export function fieldsOf(text: string): string[] {
  return [...text.matchAll(itemField)].flatMap(([, name]) => name ?? []);
}

/** What a grader of OpenAI's is here; a sentence for one that has no counterpart. */
export function evaluatorOf(grader: AnyRecord, targets: ReadonlySet<string>): EvaluatorSpec | string {
  const make = graders[String(grader['type'])];
  return (
    make?.(grader, targets) ?? reasons[String(grader['type'])] ?? `There is no evaluator that says what \`${String(grader['type'])}\` says.`
  );
}

const reasons: Record<string, string> = {
  text_similarity: 'Similarity of texts (BLEU, ROUGE, cosine and the like) has no evaluator here; write it as code.',
  multi: 'An evaluator gives one judgment; combine the scores of its parts where they are read.',
};

const graders: Record<string, ((grader: AnyRecord, targets: ReadonlySet<string>) => EvaluatorSpec | null) | undefined> = {
  string_check: (grader) => {
    const { input, reference, operation } = grader;
    const test = comparisons[String(operation)];
    if (typeof input !== 'string' || typeof reference !== 'string' || test === undefined) return null;
    return pythonEvaluator(comparing(input, reference, test), { openai_grader: grader });
  },
  python: (grader) => {
    const source = textOf(grader['source']);
    return source === null ? null : pythonEvaluator(`${source.trimEnd()}\n\n\n${asGraded}`, { openai_grader: grader }, 'number');
  },
  label_model: (grader, targets) => {
    const messages = judging(grader['input'], targets);
    if (messages === null || !isTexts(grader['labels'])) return null;
    const good = isTexts(grader['passing_labels']) ? grader['passing_labels'] : [];
    return llmEvaluator({ ...common(grader), messages, returns: { labels: grader['labels'], good } });
  },
  score_model: (grader, targets) => {
    const messages = judging(grader['input'], targets);
    const [min = 0, max = 1] = Array.isArray(grader['range']) ? (grader['range'] as number[]) : [];
    return messages === null ? null : llmEvaluator({ ...common(grader), messages, returns: { min, max } });
  },
};

function common(grader: AnyRecord) {
  const sampling = isRecord(grader['sampling_params']) ? grader['sampling_params'] : {};
  const temperature = typeof sampling['temperature'] === 'number' ? sampling['temperature'] : null;
  return { model: textOf(grader['model']) ?? placeholderModel, temperature, attributes: { openai_grader: grader } };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');

/** The grader's messages; what it reads of sample and case has other names here. */
function judging(input: unknown, targets: ReadonlySet<string>): ChatMessage[] | null {
  const messages = messagesOf(input);
  if (messages === null) return null;
  const rename = (text: string): string =>
    text
      .replace(/\{\{\s*sample\.output_text\s*\}\}/g, '{{log.output}}')
      .replace(/\{\{\s*sample\.(\w+)/g, '{{log.$1')
      .replace(itemField, (_, name: string) => (targets.has(name) ? `{{testcase.target.${name}` : `{{log.inputs.${name}`));
  return mapTexts(messages, rename) as ChatMessage[];
}

/** `like` and `ilike` look for the reference in the input. */
const comparisons: Record<string, string | undefined> = {
  eq: 'given == wanted',
  ne: 'given != wanted',
  like: 'wanted in given',
  ilike: 'wanted.lower() in given.lower()',
};

const comparing = (input: string, reference: string, test: string): string => `import re

INPUT = ${pythonText(input)}
REFERENCE = ${pythonText(reference)}


def fill(text, log, testcase):
    case = {**(log.get("inputs") or {}), **((testcase or {}).get("target") or {})}

    def value(found):
        name = found.group(1)
        if name == "sample.output_text":
            return log.get("output") or ""
        return str(case.get(name.removeprefix("item."), ""))

    return re.sub(r"\\{\\{\\s*([\\w.]+)\\s*\\}\\}", value, text)


def evaluate(log, testcase):
    given, wanted = fill(INPUT, log, testcase), fill(REFERENCE, log, testcase)
    return ${test}
`;

/** A grader in Python is asked as OpenAI asked it. */
const asGraded = `def evaluate(log, testcase):
    case = {**(log.get("inputs") or {}), **((testcase or {}).get("target") or {})}
    return grade({"output_text": log.get("output") or ""}, case)
`;
