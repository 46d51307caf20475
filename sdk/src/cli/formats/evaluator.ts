import type { AnyObject, PromptKernel } from '@whetstone/contract';
import { parsePromptFile, printPromptFile } from '@whetstone/domain';
import { type Format, FormatError } from './format.ts';
import { parseFrontMatter, printFrontMatter, stated } from './front-matter.ts';

/** The field that is the body, by type: code, the judge's prompt as `.prompt` text, or what reviewers are told. */
const bodies: Record<string, string | undefined> = { python: 'code', llm: 'prompt', human: 'instructions' };
const order = ['evaluator_type', 'language', 'arguments_type', 'return_type', 'options', 'number_limits', 'number_valence'];

/** An evaluator: what it returns as YAML, below it its code. */
export const evaluatorFormat: Format = {
  kind: 'evaluator',
  extension: '.evaluator',
  print(version) {
    const spec = version['spec'] as AnyObject;
    const field = bodies[String(spec['evaluator_type'])];
    const { [field ?? '']: body, ...front } = spec;
    const options = front['options'];
    if (Array.isArray(options)) front['options'] = options.map((option: AnyObject) => stated(option));
    if (typeof body === 'string' && body.includes('\r')) return printFrontMatter(stated(spec, order), null);
    const text =
      typeof body === 'object' && body !== null
        ? printPromptFile('prompt', body as PromptKernel).replace(/\n$/, '')
        : (body as string | null | undefined);
    return printFrontMatter(stated(front, order), text ?? null);
  },
  parse(text) {
    const { front, body, bodyLine } = parseFrontMatter(text);
    const type = String(front['evaluator_type']);
    if (!['python', 'llm', 'human', 'external'].includes(type))
      throw new FormatError(2, null, '`evaluator_type` is python, llm, human or external.');
    const field = bodies[type];
    if (field === undefined || field in front) return { spec: front };
    if (field !== 'prompt') return { spec: body === '' && type === 'human' ? front : { ...front, [field]: body } };
    if (body.trim() === '') return { spec: front };
    const parsed = parsePromptFile('prompt', `${body}\n`);
    if (!parsed.ok) throw new FormatError(bodyLine - 1 + parsed.error.line, parsed.error.column, parsed.error.message);
    return { spec: { ...front, prompt: parsed.kernel } };
  },
};
