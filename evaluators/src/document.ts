import { z } from 'zod';
import type { Evaluator, Returns } from './evaluator.ts';
import { needWords } from './evaluator.ts';
import { library } from './table.ts';

/** The reference of the library in Markdown, from the table itself; docs/evaluators-library.md holds it. */
export function libraryReference(): string {
  return [overview(), ...library.map(section)].join('\n\n');
}

function overview(): string {
  const lines = library.map((evaluator) => {
    const options = defaultsOf(evaluator);
    const needs = evaluator.needs(options).map((need) => needWords[need]);
    return row([
      `[\`${evaluator.name}\`](#${evaluator.name})`,
      evaluator.description,
      needs.join('; '),
      returnsInWords(evaluator.returns(options)),
    ]);
  });
  return [row(['name', 'what it answers', 'needs', 'returns']), row(['---', '---', '---', '---']), ...lines].join('\n');
}

function section(evaluator: Evaluator): string {
  const { properties = {}, required = [] } = z.toJSONSchema(evaluator.options, { io: 'input', unrepresentable: 'any' });
  const lines = Object.entries(properties).map(([name, schema]) => {
    const { description = '', default: fallback, enum: choices } = schema as z.core.JSONSchema.JSONSchema;
    const among = choices === undefined ? '' : ` One of ${choices.map((choice) => `\`${String(choice)}\``).join(', ')}.`;
    return row([`\`${name}\``, required.includes(name) ? 'required' : `\`${JSON.stringify(fallback)}\``, description + among]);
  });
  return [
    `### ${evaluator.name}`,
    `**${evaluator.title}.** ${evaluator.description}`,
    [row(['option', 'default', 'meaning']), row(['---', '---', '---']), ...lines].join('\n'),
    ...(evaluator.limits === null ? [] : [`What it does not tell: ${evaluator.limits}`]),
    ...(readsText(evaluator) ? [`Judges texts of up to ${evaluator.maxChars.toLocaleString('en-US')} characters.`] : []),
    ...(evaluator.cites.length === 0 ? [] : [`Sources: ${evaluator.cites.join('. ')}.`]),
  ].join('\n\n');
}

const readsText = (evaluator: Evaluator): boolean =>
  evaluator.needs(defaultsOf(evaluator)).some((need) => need === 'output' || need === 'context');

/** The options that an evaluator has when none are given; where one is required, some text stands for it. */
function defaultsOf({ options }: Evaluator) {
  const parsed = options.safeParse({});
  return parsed.success ? parsed.data : options.parse({ pattern: 'x' });
}

function returnsInWords({ type, min, max, better }: Returns): string {
  if (type === 'boolean') return 'yes or no';
  const range = min === null ? 'a number' : max === null ? `${min} and up` : `${min} to ${max}`;
  return better === null ? range : `${range}, ${better} is better`;
}

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
