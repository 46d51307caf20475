import { AppError, chatMessages, type Datapoint } from '@whetstone/contract';
import { canonicalText } from '@whetstone/domain';

/** How the columns of a CSV file become datapoints. */

type Column = { to: 'messages' } | { to: 'target' } | { to: 'target key'; key: string } | { to: 'input'; key: string };

/** `messages`, `target`, `target.KEY`, `inputs.NAME`; any other name is that of an input. */
export function csvColumns(header: readonly string[]): Column[] {
  const seen = new Set<string>();
  return header.map((cell, index) => {
    const name = canonicalText(cell).text.trim();
    if (name === '') throw wrong(1, `column ${index + 1} has no name`);
    const column = columnOf(name);
    const key = JSON.stringify(column);
    if (seen.has(key)) throw wrong(1, `the column \`${name}\` is there twice`);
    seen.add(key);
    return column;
  });
}

function columnOf(name: string): Column {
  const [, place, key] = /^(inputs?|target)\.(.+)$/s.exec(name) ?? [];
  if (place === 'target' && key !== undefined) return { to: 'target key', key };
  if (key !== undefined) return { to: 'input', key };
  return name === 'messages' || name === 'target' ? { to: name } : { to: 'input', key: name };
}

/** @throws AppError 422 that names the line */
export function datapointOfRow(columns: readonly Column[], row: readonly string[], line: number): Datapoint {
  const inputs: [string, string][] = [];
  const target: [string, NonNullable<Datapoint['target']>[string]][] = [];
  let messages: Datapoint['messages'] = null;
  for (const [index, column] of columns.entries()) {
    const { text } = canonicalText(row[index] ?? '');
    if (column.to === 'input') inputs.push([column.key, text]);
    else if (text.trim() === '') continue;
    else if (column.to === 'target key') target.push([column.key, text]);
    else if (column.to === 'messages') messages = messagesOf(text, line);
    else target.push(...targetOf(text));
  }
  return { inputs: Object.fromEntries(inputs), messages, target: Object.fromEntries(target) };
}

function messagesOf(text: string, line: number): Datapoint['messages'] {
  const parsed = chatMessages.safeParse(jsonOf(text));
  if (!parsed.success) throw wrong(line, '`messages` is no JSON list of chat messages');
  return parsed.data;
}

/** An object says its keys; anything else is the wanted output. */
function targetOf(text: string): [string, NonNullable<Datapoint['target']>[string]][] {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [['output', text]];
  return Object.entries(value).filter(([, inner]) => inner !== null);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wrong(line: number, what: string): AppError {
  const message = `Line ${line} of the file: ${what}.`;
  return new AppError('invalid_input', message, { details: [{ loc: ['body', 'file', line], msg: message, type: 'value_error.csv' }] });
}
